import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../../datasets';
import { LSP, type Keypoints, type KeypointSet } from '../../keypoints';
import {
  BatchPckAccumulator,
  torsoPck,
  type BatchPckMetrics,
  type TorsoPckMetrics,
  type TorsoPckOptions,
} from '../../metrics';
import { argmaxOnDevice } from '../../postprocess';
import { disposeBatch } from '../fit/training-batch';
import type { HeatmapCodec } from '../../targets';
import { predictOutput, predictPeople, type Predictor, type ValidationOptions } from './validate';

/**
 * PCK relative to the torso: the standard protocol on Leeds Sports Poses, `torsoPck` of `poseblocks/metrics`. `batches` decides whether people are cropped or the
 * whole image is used.
 *
 * @example
 * const batches = () => topDown({ persons: test, readImage, codec });
 * const { mean, paired } = await measureTorsoPck(network, { batches, codec, flip: LSP });
 */
export async function measureTorsoPck(
  network: Predictor,
  options: ValidationOptions & TorsoPckOptions,
): Promise<TorsoPckMetrics> {
  const people = await predictPeople(network, options);
  const truth = people.map(({ sample }) => sample.keypoints);
  return torsoPck(
    people.map(({ keypoints }) => keypoints),
    truth,
    options,
  );
}

/**
 * A validation for `fit`: `{ PCK }`, {@link measureTorsoPck}'s mean.
 *
 * @example
 * fit(network, { validate: validateTorsoPck({ batches, codec, flip: LSP }), monitor: 'PCK', … });
 */
export function validateTorsoPck(
  options: ValidationOptions & TorsoPckOptions,
): (network: LayersModel) => Promise<{ PCK: number }> {
  return async (network) => ({ PCK: (await measureTorsoPck(network, options)).mean });
}

/** Options of {@link measureBatchPck}. */
export interface BatchPckValidationOptions {
  /** Batches of the protocol's size, 32, with the whole image: `topDown({ persons, readImage, codec, crop: wholeImageCrop({ fit: 'stretch' }) })`. */
  readonly batches: () => AsyncIterable<Batch> | Iterable<Batch>;
  /** The codec of the heatmaps to compare with. */
  readonly codec: HeatmapCodec;
  /** Average with the prediction for the mirrored image; paper 000 does not. @defaultValue no flip test */
  readonly flip?: KeypointSet;
  /** The keypoint set. @defaultValue LSP */
  readonly keypointSet?: KeypointSet;
}

/**
 * Paper 000's protocol: the accuracy of each batch between the argmax of predicted and target heatmaps, without offset, within half a tenth of
 * their side; then the unweighted mean over batches and joints (`BatchPckAccumulator` of `poseblocks/metrics`).
 *
 * @example
 * const sized = await withImageSizes(lspSplit(lsp, 'test'), 'lsp/images');
 * const batches = () => topDown({ ...sized, readImage, codec, batchSize: 32, crop: wholeImageCrop({ fit: 'stretch' }) });
 * const { mean, paired } = await measureBatchPck(network, { batches, codec });
 */
export async function measureBatchPck(
  network: Predictor,
  { batches, codec, flip, keypointSet = LSP }: BatchPckValidationOptions,
): Promise<BatchPckMetrics> {
  const accumulator = new BatchPckAccumulator({ heatmapSize: codec.heatmapSize }, keypointSet);
  for await (const batch of batches()) {
    const { target, weights } = codec.encodeBatch(batch.people);
    const predicted = predictOutput(network, batch.images, codec, flip);
    try {
      accumulator.add(await peaks([predicted].flat().at(-1) as Tensor4D), await peaks(target));
    } finally {
      tf.dispose([target, weights, predicted]);
      disposeBatch(batch);
    }
  }
  return accumulator.metrics();
}

/**
 * A validation for `fit`: `{ PCK }`, {@link measureBatchPck}'s mean.
 *
 * @example
 * fit(network, { validate: validateBatchPck({ batches, codec }), monitor: 'PCK', … });
 */
export function validateBatchPck(
  options: BatchPckValidationOptions,
): (network: LayersModel) => Promise<{ PCK: number }> {
  return async (network) => ({ PCK: (await measureBatchPck(network, options)).mean });
}

/** The cells of the maxima, as keypoints of people. */
async function peaks(heatmaps: Tensor4D): Promise<Keypoints<'input'>[]> {
  const found = argmaxOnDevice(heatmaps);
  const [N, K] = found.shape;
  const data = await found.data();
  found.dispose();
  return Array.from({ length: N }, (_, n) => {
    const at = (c: number) => Float32Array.from({ length: K }, (__, k) => data[3 * (n * K + k) + c]!);
    const [x, y] = [at(0), at(1)];
    const xy = new Float32Array(2 * K);
    for (let k = 0; k < K; k++) xy.set([x[k]!, y[k]!], 2 * k);
    return { frame: 'input', xy, score: at(2) };
  });
}
