import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  denormalized,
  normalizationOf,
  type Batch,
  type Normalization,
  type NormalizationName,
  type Person,
} from '../../datasets';
import { mirrorOrder, type Keypoints, type KeypointSet } from '../../keypoints';
import type { Codec, Prediction } from '../../targets';
import { disposeBatch } from '../fit/training-batch';
import { predictOutput, type PosePrediction } from '../validation/validate';

/** Options of {@link reviewPeople}. */
export interface ReviewOptions {
  /** The people, cropped: `() => topDown({ persons, readImage, codec })`. Their tensors are disposed. */
  readonly batches: () => AsyncIterable<Batch> | Iterable<Batch>;
  /** Decodes the outputs. */
  readonly codec: Codec;
  /** Names, flip pairs and sigmas. */
  readonly keypointSet: KeypointSet;
  /** Normalisation of the crops. @defaultValue 'imagenet' */
  readonly normalization?: NormalizationName | Normalization;
  /** Average with the mirrored picture. @defaultValue false */
  readonly flipTest?: boolean;
  /** Number of best and of worst people that are kept. @defaultValue 8 */
  readonly keep?: number;
}

/** A person and its prediction, in pixels of the crop. */
export interface ReviewedPerson {
  readonly sample: Person;
  /** Mean distance of the labelled keypoints, as a fraction of the longer side of the person's box. */
  readonly error: number;
  /** Fraction of the labelled keypoints within 0.2 of that side. */
  readonly found: number;
  readonly predicted: Keypoints<'input'>;
  readonly truth: Keypoints<'input'>;
  /** RGB of `size`, three bytes per pixel. */
  readonly pixels: Uint8ClampedArray;
  /** `[width, height]` */
  readonly size: readonly [width: number, height: number];
  /** [h, w, K], where the codec has heatmaps. */
  readonly heatmaps?: { readonly data: Float32Array; readonly shape: readonly [number, number, number] };
}

/** The predictions of a network, person by person. */
export interface Review {
  readonly people: number;
  readonly perKeypoint: readonly {
    readonly name: string;
    readonly labelled: number;
    /** Fraction within 0.2 of the longer side of the box; NaN where none is labelled. */
    readonly found: number;
    /** Mean distance, as a fraction of that side. */
    readonly error: number;
    /** The same from the counterpart on the other side, where there is one: lower than `error` where left and right are swapped. */
    readonly mirrored: number;
  }[];
  /** Everybody, in the order of the batches, in pixels of the images. */
  readonly predictions: readonly PosePrediction[];
  /** The most accurate people first. */
  readonly best: readonly ReviewedPerson[];
  /** The least accurate people first. */
  readonly worst: readonly ReviewedPerson[];
}

/**
 * Reviews a network's predictions person by person: metrics of each keypoint, and the best and worst people with their crops.
 *
 * @example const { perKeypoint, worst } = await reviewPeople(network, { batches: () => topDown({ persons, readImage, codec }), codec, keypointSet });
 */
export async function reviewPeople(
  network: LayersModel,
  { batches, codec, keypointSet, normalization = 'imagenet', flipTest = false, keep = 8 }: ReviewOptions,
): Promise<Review> {
  const norm = normalizationOf(normalization);
  const sums = keypointSet.names.map(() => ({ labelled: 0, found: 0, error: 0, mirrored: 0 }));
  const other = mirrorOrder(keypointSet);
  const predictions: PosePrediction[] = [];
  let [people, best, worst]: [number, ReviewedPerson[], ReviewedPerson[]] = [0, [], []];
  for await (const batch of batches()) {
    try {
      const output = predictOutput(network, batch.images, codec, flipTest ? keypointSet : undefined);
      try {
        const decoded = await codec.decodeBatch(output);
        const heatmaps = await mapsOf(codec, output);
        const pixels = (await batch.images.data()) as Float32Array;
        for (const [n, predicted] of decoded.entries()) {
          const [sample, truth, scale] = [batch.samples[n]!, batch.people[n]!, scaleOf(batch, n)];
          predictions.push({ sample, keypoints: batch.crops[n]!.toImage(predicted) });
          const metrics = measured(predicted, truth, scale, other, sums);
          if (metrics === undefined) continue;
          people++;
          const enters =
            best.length < keep || metrics.error < best.at(-1)!.error || metrics.error > worst.at(-1)!.error;
          if (!enters) continue;
          const [, height, width] = batch.images.shape;
          const size = [width, height] as const;
          const each = 3 * width * height;
          const own = heatmaps && { heatmaps: heatmaps(n) };
          const bytes = denormalized(pixels.subarray(n * each, (n + 1) * each), norm);
          const person = { sample, ...metrics, predicted, truth, pixels: bytes, size, ...own };
          best = [...best, person].sort((a, b) => a.error - b.error).slice(0, keep);
          worst = [...worst, person].sort((a, b) => b.error - a.error).slice(0, keep);
        }
      } finally {
        tf.dispose(output as Prediction);
      }
    } finally {
      disposeBatch(batch);
    }
  }
  const perKeypoint = keypointSet.names.map((name, k) => {
    const { labelled, found, error, mirrored } = sums[k]!;
    return { name, labelled, found: found / labelled, error: error / labelled, mirrored: other[k] === k ? NaN : mirrored / labelled }; // prettier-ignore
  });
  return { people, perKeypoint, predictions, best, worst };
}

/** Pixels of the crop per pixel of the image, times the longer side of the box: the unit of distances. */
function scaleOf({ crops, samples }: Batch, n: number): number {
  const [, , width, height] = samples[n]!.box;
  const { inverse } = crops[n]!;
  return Math.max(width, height) / Math.hypot(inverse[0], inverse[3]);
}

type Sum = { labelled: number; found: number; error: number; mirrored: number };

function measured(
  predicted: Keypoints<'input'>,
  truth: Keypoints<'input'>,
  scale: number,
  other: readonly number[],
  sums: readonly Sum[],
): { error: number; found: number } | undefined {
  let [labelled, error, found] = [0, 0, 0];
  const distance = (k: number, of: number): number =>
    Math.hypot(predicted.xy[2 * k]! - truth.xy[2 * of]!, predicted.xy[2 * k + 1]! - truth.xy[2 * of + 1]!) / scale;
  for (let k = 0; k < truth.score.length; k++) {
    if (!(truth.score[k]! > 0)) continue;
    const own = distance(k, k);
    labelled++;
    error += own;
    if (own <= 0.2) found++;
    const sum = sums[k]!;
    sum.labelled++;
    sum.error += own;
    sum.mirrored += truth.score[other[k]!]! > 0 ? distance(k, other[k]!) : own;
    if (own <= 0.2) sum.found++;
  }
  return labelled === 0 ? undefined : { error: error / labelled, found: found / labelled };
}

async function mapsOf(
  codec: Codec,
  output: unknown,
): Promise<((n: number) => NonNullable<ReviewedPerson['heatmaps']>) | undefined> {
  // prettier-ignore
  if (codec.heatmaps === undefined) return undefined;
  const maps: Tensor4D = codec.heatmaps(output as Prediction);
  const [, h, w, k] = maps.shape;
  const data = (await maps.data()) as Float32Array;
  maps.dispose();
  return (n) => ({ data: data.slice(n * h * w * k, (n + 1) * h * w * k), shape: [h, w, k] });
}
