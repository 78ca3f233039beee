import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Replica } from 'poseblocks/engines/node';

/** Images [count, 6, 6, 2] and targets [count, 3], as they travel to a worker. */
export interface Batch {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly count: number;
}

export type Normalization = 'none' | 'batch';

/** A small convolutional regression, the same in every thread; with BatchNorm where asked for. */
export function createReplica(normalization: Normalization): Replica<Batch> & { model: tfl.LayersModel } {
  const kernelInitializer = (seed: number): ReturnType<typeof tfl.initializers.randomNormal> =>
    tfl.initializers.randomNormal({ stddev: 0.3, seed });
  const layers: tfl.layers.Layer[] = [
    tfl.layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, kernelInitializer: kernelInitializer(1) }),
    ...(normalization === 'batch' ? [tfl.layers.batchNormalization({})] : []),
    tfl.layers.reLU({}),
    tfl.layers.flatten(),
    tfl.layers.dense({ units: 3, kernelInitializer: kernelInitializer(2) }),
  ];
  const model = tfl.sequential({ layers });
  return {
    model,
    variables: model.trainableWeights.map((weight) => weight.read() as tf.Variable),
    state: model.nonTrainableWeights.map((weight) => weight.read() as tf.Variable),
    loss({ images, targets, count }) {
      if (count === 0) throw new RangeError('a batch must hold an image');
      const output = model.apply(tf.tensor4d(images, [count, 6, 6, 2]), { training: true }) as tf.Tensor2D;
      return tf.mean(tf.squaredDifference(output, tf.tensor2d(targets, [count, 3])));
    },
  };
}

/** The part of a seeded data set from one index on. */
export function batch(from: number, count: number): Batch {
  const noise = (size: number, start: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (start + i) + 4.1414) * 1.7);
  return { images: noise(count * 72, from * 72), targets: noise(count * 3, 1000 + from * 3), count };
}
