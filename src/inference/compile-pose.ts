import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalizationOf, type Normalization, type NormalizationName } from '../datasets';
import { decodeOperation, fold, graphOf, withNormalization, type HeatmapCodecJSON } from '../graph';
import type { Keypoints } from '../keypoints';
import { flipAverage } from '../postprocess';
import { compileGraph } from './compile';
import { decodeOnDevice } from './decode';
import type { FlipTest } from './pose-runner';

export interface CompilePoseOptions {
  /** How heatmaps become keypoints: a Gaussian codec with argmax, quarter offset or soft-argmax. */
  codec: { toJSON(): HeatmapCodecJSON };
  /** Given, crops are RGB from 0 to 255; otherwise they are normalised already. */
  normalization?: NormalizationName | Normalization;
  /** Given, each crop is also seen in a mirror, in the same batch, and the two predictions averaged. */
  flipTest?: FlipTest;
}

/** From crops to keypoints in one call. */
export interface CompiledPose {
  /** [N, H, W, 3] → N people in pixels of the crop. One small read-back; the input stays the caller's. */
  (crops: tf.Tensor4D): Promise<Keypoints<'input'>[]>;
  dispose(): void;
}

/**
 * {@link compile}, with the normalisation in front and the decoding behind, on the device: only [N, K, 3] numbers are read back.
 * Of a network with several outputs, the last counts.
 *
 * @throws RangeError for decoders that work on arrays only (DARK), or heatmaps of another size than the codec's.
 * @example const estimate = await compilePose(network, { codec, normalization: 'imagenet', flipTest: { keypointSet: COCO } });
 */
export async function compilePose(
  network: LayersModel,
  { codec, normalization, flipTest }: CompilePoseOptions,
): Promise<CompiledPose> {
  const json = codec.toJSON();
  const decode = decodeOperation(json);
  const graph = fold(await graphOf(network));
  const run = compileGraph(
    normalization === undefined ? graph : withNormalization(graph, normalizationOf(normalization)),
  );
  const last = (crops: tf.Tensor4D): tf.Tensor4D => [run(crops)].flat().at(-1)!;

  const predict = (crops: tf.Tensor4D): tf.Tensor4D => {
    if (!flipTest) return last(crops);
    const [plain, mirrored] = tf.split(last(tf.concat([crops, tf.reverse(crops, 2)], 0)), 2, 0) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    return flipAverage(plain, mirrored, flipTest.keypointSet, { shift: flipTest.shift ?? json.align !== 'centers' });
  };
  const estimate = async (crops: tf.Tensor4D): Promise<Keypoints<'input'>[]> => {
    const found = tf.tidy(() => decodeOnDevice(predict(crops), decode));
    const [batch, count] = found.shape;
    const values = (await found.data()) as Float32Array;
    found.dispose();
    return peopleOf(values, batch, count);
  };
  return Object.assign(estimate, { dispose: () => run.dispose() });
}

/** [N, K, 3] numbers, x, y and score, as people. */
function peopleOf(values: Float32Array, batch: number, count: number): Keypoints<'input'>[] {
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
