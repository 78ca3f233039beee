import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../../datasets';
import type { Keypoints, KeypointSet } from '../../keypoints';
import { evaluateCoco, longerSides, pck, toCocoResult, type CocoAnnotation, type CocoDataset } from '../../metrics';
import type { Codec, Prediction } from '../../targets';
import { disposeBatch } from '../fit/training-batch';

/** Options of {@link predictPeople}. */
export interface ValidationOptions {
  /** The people to evaluate, cropped: `() => topDown({ persons, readImage, codec })`. Their tensors are disposed. */
  readonly batches: () => AsyncIterable<Batch> | Iterable<Batch>;
  /** Decodes the network's output and merges the flip test. */
  readonly codec: Codec;
  /** Average with the prediction for the mirrored image; the set gives the flip pairs. @defaultValue no flip test */
  readonly flip?: KeypointSet;
}

/** A person of the validation, with the keypoints that were found, in pixels of the image. */
export interface PosePrediction {
  readonly sample: Batch['samples'][number];
  readonly keypoints: Keypoints<'image'>;
}

/** A network, or a function of the images [N, H, W, C] such as `compile` of `poseblocks/inference` makes, which is faster. */
export type Predictor = Pick<LayersModel, 'predict'> | ((images: Tensor4D) => Prediction);

/** @internal The part of the network's output for images that the codec decodes; with a set, merged with the output for the mirrored images. Belongs to the caller. */
export function predictOutput<Output>(
  network: Predictor,
  images: Tensor4D,
  codec: Codec<unknown, Output>,
  flip?: KeypointSet,
): Output | Prediction {
  const predict = (input: Tensor4D): Prediction =>
    typeof network === 'function' ? network(input) : network.predict(input);
  if (flip === undefined) return predict(images);
  const merged = tf.tidy(() => {
    const output = codec.mergeFlip(predict(images), predict(tf.reverse(images, 2)), flip);
    return [output].flat() as Tensor[];
  });
  return merged.length === 1 ? merged[0]! : merged;
}

/**
 * Predicts all people, in pixels of their images, in the order of the batches.
 *
 * @example
 * const people = await predictPeople(network, { batches: () => topDown({ persons, readImage, codec }), codec });
 */
export async function predictPeople(
  network: Predictor,
  { batches, codec, flip }: ValidationOptions,
): Promise<PosePrediction[]> {
  const found: PosePrediction[] = [];
  for await (const batch of batches()) {
    const { images, crops, samples } = batch;
    try {
      const output = predictOutput(network, images, codec, flip);
      try {
        const decoded = await codec.decodeBatch(output);
        decoded.forEach((keypoints, n) => found.push({ sample: samples[n]!, keypoints: crops[n]!.toImage(keypoints) }));
      } finally {
        tf.dispose(output as Prediction);
      }
    } finally {
      disposeBatch(batch); // batches of a loader have targets
    }
  }
  return found;
}

/** Options of {@link validatePck}. */
export interface PckValidationOptions extends ValidationOptions {
  /** Threshold in units of the longer side of the person's box. @defaultValue 0.2 */
  readonly threshold?: number;
}

/** Options of {@link validateAp}. */
export interface ApValidationOptions extends ValidationOptions {
  /** COCO's file, or its annotation records. */
  readonly annotations: readonly CocoAnnotation[] | CocoDataset;
  /** The keypoint set, for its sigmas. @defaultValue COCO */
  readonly keypointSet?: KeypointSet;
}

/**
 * A validation for `fit`: `{ PCK }`, the fraction of keypoints within `threshold` of the longer side of the person's box.
 *
 * @example
 * fit(network, { validate: validatePck({ batches: () => topDown({ persons, readImage, codec }), codec }), monitor: 'PCK', … });
 */
export function validatePck(options: PckValidationOptions): (network: LayersModel) => Promise<{ PCK: number }> {
  return async (network) => pckOf(await predictPeople(network, options), options);
}

/**
 * A validation for `fit`: COCO's `{ AP, AR }`, with the ground-truth boxes as detections.
 *
 * @example
 * fit(network, { validate: validateAp({ batches, codec, annotations: json }), monitor: 'AP', … });
 */
export function validateAp(
  options: ApValidationOptions,
): (network: LayersModel) => Promise<{ AP: number; AR: number }> {
  return async (network) => apOf(await predictPeople(network, options), options);
}

/**
 * {@link validateAp} and {@link validatePck} from a single prediction: `{ AP, AR, PCK }`.
 *
 * @example fit(network, { validate: validatePoses({ batches, codec, annotations: json, flip: COCO }), monitor: 'AP', … });
 */
export function validatePoses(
  options: ApValidationOptions & PckValidationOptions,
): (network: LayersModel) => Promise<{ AP: number; AR: number; PCK: number }> {
  return async (network) => {
    return poseMetrics(await predictPeople(network, options), options);
  };
}

/** @internal The metrics of {@link validatePoses} of people who were predicted in another way. */
export function poseMetrics(
  people: readonly PosePrediction[],
  options: Pick<ApValidationOptions, 'annotations' | 'keypointSet'> & Pick<PckValidationOptions, 'threshold'>,
): { AP: number; AR: number; PCK: number } {
  return { ...apOf(people, options), ...pckOf(people, options) };
}

function pckOf(
  people: readonly PosePrediction[],
  { threshold = 0.2 }: Pick<PckValidationOptions, 'threshold'>,
): { PCK: number } {
  const truth = people.map(({ sample }) => sample.keypoints);
  const normalizer = longerSides(people.map(({ sample }) => sample.box));
  const found = people.map(({ keypoints }) => keypoints);
  return { PCK: pck(found, truth, { normalizer, threshold }).mean };
}

function apOf(
  people: readonly PosePrediction[],
  { annotations, keypointSet }: Pick<ApValidationOptions, 'annotations' | 'keypointSet'>,
): { AP: number; AR: number } {
  const results = people.map(({ keypoints, sample }) => toCocoResult(keypoints, { imageId: sample.imageId }));
  const { AP, AR } = evaluateCoco(results, annotations, keypointSet && { sigmas: keypointSet.sigmas });
  return { AP, AR };
}
