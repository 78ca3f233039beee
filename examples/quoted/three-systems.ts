/** Three systems that paper 003 compares with, each as its network, its codec and its loss, small enough for people that are drawn. */
import * as tf from '@tensorflow/tfjs-core';
import { model } from '@tensorflow/tfjs-layers';
import { integralHead } from 'poseblocks/heads';
import { COCO, type Keypoints, type Size } from 'poseblocks/keypoints';
import { cpn, grmi, lastOutput, lpn, resnet } from 'poseblocks/networks';
import { flipAverage, flipAverageCoordinates } from 'poseblocks/postprocess';
import { coordinateCodec, cpnCodec, diskOffsetCodec } from 'poseblocks/targets';
import { coordinateRegression, cpnLoss, diskOffsetLoss } from 'poseblocks/training';

/** What a training loop needs to know. */
export interface System {
  readonly codec: { readonly inputSize: Size };
  readonly batchSize: number;
  /** The learning rate that the schedule begins with. */
  readonly rate: number;
  /** The loss of a batch, and the targets to dispose after it. */
  readonly learn: (
    images: tf.Tensor4D,
    people: readonly Keypoints<'input'>[],
  ) => { loss: () => tf.Scalar; targets: tf.TensorContainer };
  readonly predict: (images: tf.Tensor4D) => Promise<Keypoints<'input'>[]>;
}

type Shape = readonly [height: number, width: number, channels: number];

// #region cpn
export function cpnSystem([height, width, channels]: Shape): System {
  // Small for minutes of training; the paper's is cpn('cpn-50').
  const network = cpn(resnet('resnet-18'), { inputShape: [height, width, channels], keypoints: 17, filters: 128 });
  // The released peak is 255, which the last normalisation, started at 1, takes thousands of steps to reach; here there are minutes.
  const codec = cpnCodec({ inputSize: [width, height], heatmapSize: [width / 4, height / 4], peak: 10 });
  const loss = cpnLoss({ topK: 8 });
  const deployed = lastOutput(network); // RefineNet's heatmaps; shares the weights

  const learn = (images: tf.Tensor4D, people: readonly Keypoints<'input'>[]) => {
    const { target: heatmaps, weights } = codec.encodeBatch(people); // a target for each of GlobalNet's levels; visibilities
    const outputs = () => network.apply(images, { training: true }) as tf.Tensor4D[]; // four levels, then RefineNet
    return { loss: () => loss(heatmaps, weights, outputs()), targets: [heatmaps, weights] };
  };

  const predict = async (images: tf.Tensor4D) => {
    const averaged = tf.tidy(() => {
      const mirrored = deployed.predict(tf.reverse(images, 2)) as tf.Tensor4D;
      return flipAverage(deployed.predict(images) as tf.Tensor4D, mirrored, COCO); // CPN shifts nothing
    });
    const poses = await codec.decodeBatch(averaged);
    averaged.dispose();
    return poses;
  };
  return { codec, batchSize: 8, rate: 1e-3, learn, predict };
}
// #endregion

// #region integral
export function integralSystem([height, width, channels]: Shape): System {
  const heatmaps = lpn('lpn-50', { inputShape: [height, width, channels], keypoints: 17, depths: [1, 1, 1, 1] });
  const network = model({ inputs: heatmaps.inputs, outputs: integralHead()(heatmaps.outputs[0]!, '') });
  const codec = coordinateCodec({ inputSize: [width, height] });
  const loss = coordinateRegression({ norm: 'l1' });

  const learn = (images: tf.Tensor4D, people: readonly Keypoints<'input'>[]) => {
    const { target: coordinates, weights } = codec.encodeBatch(people);
    const found = () => network.apply(images, { training: true }) as tf.Tensor3D; // [N, 17, 2]
    return { loss: () => loss(coordinates, weights, found()), targets: [coordinates, weights] };
  };

  const predict = async (images: tf.Tensor4D) => {
    const averaged = tf.tidy(() => {
      const mirrored = network.predict(tf.reverse(images, 2)) as tf.Tensor3D;
      return flipAverageCoordinates(network.predict(images) as tf.Tensor3D, mirrored, COCO, { normalized: width });
    });
    const poses = await codec.decodeBatch(averaged);
    averaged.dispose();
    return poses;
  };
  return { codec, batchSize: 8, rate: 1e-3, learn, predict };
}
// #endregion

// #region grmi
export function grmiSystem([height, width, channels]: Shape): System {
  // Sizes are 8n + 1: cell i of the dilated backbone's map then lies on pixel 8i. Small for minutes of training; the paper's is grmi('grmi-101').
  const small = { depths: [1, 1, 1, 1], widths: [32, 64, 128, 256] } as const;
  const network = grmi('grmi-50', { inputShape: [height, width, channels], keypoints: 17, auxiliary: true, ...small });
  const codec = diskOffsetCodec({ inputSize: [width, height], radius: Math.round((25 * height) / 353) });
  const loss = diskOffsetLoss({ heatmaps: 4, offsets: 1, reduction: 'sum' }); // sums, as the paper writes it

  const learn = (images: tf.Tensor4D, people: readonly Keypoints<'input'>[]) => {
    const { target: heatmaps, weights } = codec.encodeBatch(people); // [N, height, width, 3 · 17]
    const outputs = () => network.apply(images, { training: true }) as tf.Tensor4D[]; // auxiliary heatmaps, maps
    return { loss: () => loss(heatmaps, weights, outputs()), targets: [heatmaps, weights] };
  };

  const deployed = lastOutput(network);
  const predict = async (images: tf.Tensor4D) => {
    const maps = tf.tidy(() => deployed.predict(images) as tf.Tensor4D);
    const poses = await codec.decodeBatch(maps); // every pixel votes
    maps.dispose();
    return poses;
  };
  return { codec, batchSize: 8, rate: 2e-3, learn, predict };
}
// #endregion
