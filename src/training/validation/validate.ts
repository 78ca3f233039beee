import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../../datasets';
import type { Keypoints, KeypointSet } from '../../keypoints';
import { evaluateCoco, longerSides, pck, toCocoResult, type CocoAnnotation, type CocoDataset } from '../../metrics';
import { flipAverage } from '../../postprocess';
import type { HeatmapCodec } from '../../targets';
import { disposeBatch } from '../fit/training-batch';

/** Makes one of a network's prediction and of that for the mirrored image. */
export type FlipMerge = (prediction: Tensor, mirrored: Tensor, set: KeypointSet) => Tensor;

export interface ValidationOptions {
  /** The people to measure on, cropped: `() => topDown({ persons, readImage, codec })`. Their tensors are disposed. */
  readonly batches: () => AsyncIterable<Batch> | Iterable<Batch>;
  /**
   * How heatmaps, or whatever the network's last output is, become keypoints; and unless it is aligned to centers, `flip` shifts heatmaps by a cell, as
   * `flipAverage` says.
   */
  readonly codec: { decodeBatch(prediction: Tensor): Promise<Keypoints<'input'>[]> } & Partial<
    Pick<HeatmapCodec, 'align'>
  >;
  /** Average with the prediction for the mirrored image; needs the set to know left from right. No unless told. */
  readonly flip?: KeypointSet;
  /** How that average is taken where the last output is no heatmaps, or shall not be shifted. */
  readonly merge?: FlipMerge;
}

export interface PosePrediction {
  readonly sample: Batch['samples'][number];
  readonly keypoints: Keypoints<'image'>;
}

/** What a network's last output is for images, merged with that for the mirrored ones where it shall be. */
function predictLast(network: LayersModel, images: Tensor4D, flip: KeypointSet | undefined, merge: FlipMerge): Tensor {
  const last = (batch: Tensor4D): Tensor => [network.predict(batch)].flat().at(-1)!;
  return tf.tidy(() => {
    const prediction = last(images);
    return flip ? merge(prediction, last(tf.reverse(images, 2)), flip) : prediction;
  });
}

const heatmapMerge =
  (shift: boolean): FlipMerge =>
  (heatmaps, mirrored, set) =>
    flipAverage(heatmaps as Tensor4D, mirrored as Tensor4D, set, { shift });

/** The heatmaps of a network for images, of its last output where it has several. Belongs to the caller. */
export function predictHeatmaps(
  network: LayersModel,
  images: Tensor4D,
  flip?: KeypointSet,
  { shift = true }: { readonly shift?: boolean } = {},
): Tensor4D {
  return predictLast(network, images, flip, heatmapMerge(shift)) as Tensor4D;
}

/**
 * Finds everybody, in pixels of their images, in the order of the batches.
 *
 * @example
 * const people = await predictPeople(network, { batches: () => topDown({ persons, readImage, codec }), codec });
 */
export async function predictPeople(
  network: LayersModel,
  { batches, codec, flip, merge = heatmapMerge(codec.align !== 'centers') }: ValidationOptions,
): Promise<PosePrediction[]> {
  const found: PosePrediction[] = [];
  for await (const batch of batches()) {
    const { images, crops, samples } = batch;
    try {
      const prediction = predictLast(network, images, flip, merge);
      try {
        const decoded = await codec.decodeBatch(prediction);
        decoded.forEach((keypoints, n) => found.push({ sample: samples[n]!, keypoints: crops[n]!.toImage(keypoints) }));
      } finally {
        prediction.dispose();
      }
    } finally {
      disposeBatch(batch); // those of a loader have targets
    }
  }
  return found;
}

export interface PckValidationOptions extends ValidationOptions {
  /** The distance within which a keypoint is found, in units of the longer side of the person's box; 0.2 unless told. */
  readonly threshold?: number;
}

export interface ApValidationOptions extends ValidationOptions {
  /** COCO's file, or its annotation records. */
  readonly annotations: readonly CocoAnnotation[] | CocoDataset;
  /** Gives the sigmas; COCO's unless told. */
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
 * {@link validateAp} and {@link validatePck} from one prediction: `{ AP, AR, PCK }`.
 *
 * @example fit(network, { validate: validatePoses({ batches, codec, annotations: json, flip: COCO }), monitor: 'AP', … });
 */
export function validatePoses(
  options: ApValidationOptions & PckValidationOptions,
): (network: LayersModel) => Promise<{ AP: number; AR: number; PCK: number }> {
  return async (network) => {
    const people = await predictPeople(network, options);
    return { ...apOf(people, options), ...pckOf(people, options) };
  };
}

function pckOf(people: readonly PosePrediction[], { threshold = 0.2 }: PckValidationOptions): { PCK: number } {
  const truth = people.map(({ sample }) => sample.keypoints);
  const normalizer = longerSides(people.map(({ sample }) => sample.box));
  const found = people.map(({ keypoints }) => keypoints);
  return { PCK: pck(found, truth, { normalizer, threshold }).mean };
}

function apOf(
  people: readonly PosePrediction[],
  { annotations, keypointSet }: ApValidationOptions,
): { AP: number; AR: number } {
  const results = people.map(({ keypoints, sample }) => toCocoResult(keypoints, { imageId: sample.imageId }));
  const { AP, AR } = evaluateCoco(results, annotations, keypointSet && { sigmas: keypointSet.sigmas });
  return { AP, AR };
}
