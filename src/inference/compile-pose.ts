import { knownOptions } from '../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalizationOf, type Normalization, type NormalizationName } from '../datasets';
import { fold, graphOf, networkIn, withNormalization, type GraphOptions } from '../graph';
import type { Keypoints } from '../keypoints';
import type { PoseModel } from '../models';
import type { Codec, Prediction } from '../targets';
import { compileGraph } from './compile';
import { decodeOnDevice } from './decode';
import { flipSet, type FlipTest } from './pose-runner';

/** Options of {@link compilePose}. */
export interface CompilePoseOptions extends GraphOptions {
  /** Decodes the network's output. Required with a network; a pose model has its own. */
  readonly codec?: Codec;
  /** Normalisation: crops are then RGB from 0 to 255. @defaultValue none, crops are already normalised */
  readonly normalization?: NormalizationName | Normalization;
  /** Flip test: adds the mirror image of each crop to the batch, and averages the two predictions. @defaultValue false */
  readonly flipTest?: FlipTest;
}

/** From crops to keypoints in one call. */
export interface CompiledPose {
  /** [N, H, W, 3] → N people in pixels of the crop. Reads back once; does not dispose the input. */
  (crops: tf.Tensor4D): Promise<Keypoints<'input'>[]>;
  dispose(): void;
}

/**
 * {@link compile} with normalisation before and decoding after the network. Decoding runs on the device where the codec's rule can be compiled, so that only [N, K, 3]
 * numbers are read back; otherwise the output is read back and decoded on arrays, with the same result.
 *
 * @param source a pose model; or a network, with its codec in the options.
 * @throws RangeError for outputs that do not match the codec; TypeError where a network comes without a codec.
 * @example const estimate = await compilePose(model, { normalization: 'imagenet', flipTest: true });
 */
export async function compilePose(
  source: PoseModel | LayersModel,
  options: CompilePoseOptions = {},
): Promise<CompiledPose> {
  knownOptions('compilePose', options, ['codec', 'normalization', 'flipTest', 'converters']);
  const network = networkIn('compilePose', source);
  const model = 'network' in source ? source : undefined;
  const codec = requireCodec('compilePose', options.codec ?? model?.codec);
  const flip = flipSet('compilePose', options.flipTest, model?.keypointSet);
  const { normalization, converters } = options;
  const [height, width] = network.inputs[0]!.shape.slice(1);
  if (width !== height && width === codec.inputSize[1] && height === codec.inputSize[0]) {
    throw new RangeError(
      `compilePose: the network's input must be [height ${codec.inputSize[1]}, width ${codec.inputSize[0]}, 3], as the codec's inputSize [${codec.inputSize}] (width, height) says. ` +
        `Received: [${network.inputs[0]!.shape.slice(1)}].`,
    );
  }
  codec.checkOutputs('compilePose', network.outputs.slice(-codec.outputs).map(({ shape }) => shape.map((n) => n ?? 1))); // prettier-ignore
  const decode = codec.decodeOperation?.();
  const graph = fold(await graphOf(network, { ...(converters && { converters }) }));
  const run = compileGraph(
    normalization === undefined ? graph : withNormalization(graph, normalizationOf(normalization)),
  );

  const predict = (crops: tf.Tensor4D): tf.Tensor[] => {
    if (!flip) return [run(crops)].flat().slice(-codec.outputs);
    const both = [run(tf.concat([crops, tf.reverse(crops, 2)], 0))].flat().slice(-codec.outputs);
    const halves = both.map((each) => tf.split(each, 2, 0) as [tf.Tensor, tf.Tensor]);
    const merged = codec.mergeFlip(halves.map(([plain]) => plain), halves.map(([, mirrored]) => mirrored), flip); // prettier-ignore
    return [merged as Prediction].flat();
  };
  const estimate = async (crops: tf.Tensor4D): Promise<Keypoints<'input'>[]> => {
    if (decode === undefined) {
      const output = tf.tidy(() => predict(crops));
      try {
        return await codec.decodeBatch(output);
      } finally {
        tf.dispose(output);
      }
    }
    const found = tf.tidy(() => decodeOnDevice(predict(crops).at(-1) as tf.Tensor4D, decode));
    const [batch, count] = found.shape;
    const values = (await found.data()) as Float32Array;
    found.dispose();
    return peopleOf(values, batch, count);
  };
  return Object.assign(estimate, { dispose: () => run.dispose() });
}

/** @throws TypeError where there is none. */
export function requireCodec(where: string, codec: Codec | undefined): Codec {
  if (codec === undefined || typeof codec.decodeBatch !== 'function') {
    throw new TypeError(
      `${where}: a network needs { codec }, one of poseblocks/targets; a pose model has its own: poseModel({ network, codec, keypointSet }). Received: ${codec === undefined ? 'none' : typeof codec}.`,
    );
  }
  return codec;
}

/** Converts [N, K, 3] numbers, x, y and score, to people. */
export function peopleOf(values: Float32Array, batch: number, count: number): Keypoints<'input'>[] {
  return Array.from({ length: batch }, (_, n) => {
    const xy = new Float32Array(2 * count);
    const score = new Float32Array(count);
    for (let k = 0, from = 3 * n * count; k < count; k++, from += 3) {
      xy[2 * k] = values[from]!;
      xy[2 * k + 1] = values[from + 1]!;
      score[k] = values[from + 2]!;
    }
    return { frame: 'input', xy, score };
  });
}
