import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { Tensor } from '@tensorflow/tfjs-core';
import type { Keypoints } from '../../keypoints';

/** What one step learns from. */
export interface TrainingBatch<Target = Tensor4D> {
  /** [N, H, W, 3]. */
  readonly images: Tensor4D;
  /** What the loss compares with: heatmaps [N, h, w, K], or whatever your loss takes. */
  readonly target: Target;
  /** [N, K]; 0 for a keypoint that is not labelled. */
  readonly weights: Tensor2D;
}

/**
 * The batches of an epoch, counted from 0. A function that declares `firstBatch` is asked to begin there when a run is
 * resumed (`topDown` can); for one that does not, the batches before it are drawn and thrown away.
 */
export type Batches<B> = (epoch: number, firstBatch: number) => AsyncIterable<B> | Iterable<B>;

/** Crops with their people, as `topDown` of `poseblocks/datasets` yields them. */
export interface PeopleBatch {
  readonly images: Tensor4D;
  readonly people: readonly Keypoints<'input'>[];
}

/**
 * Encodes people to what the loss compares with and weights [N, K]: `codec.encodeBatch`, which may depend on the epoch. Heatmaps [N, h, w, K], a list of them
 * (CPN), coordinates [N, K, 2], or a target of your own.
 */
export type Encode<Target = Tensor4D> = (
  people: readonly Keypoints<'input'>[],
  epoch: number,
) => { readonly weights: Tensor2D } & (
  { readonly heatmaps: Target } | { readonly coordinates: Target } | { readonly target: Target }
);

/**
 * Turns batches of people into batches of targets, so that a loader knows nothing of heatmaps.
 *
 * @example
 * const crops = (epoch: number, firstBatch: number) => topDown({ persons, readImage, codec, seed: 1, epoch, firstBatch });
 * fit(network, { batches: withTargets(crops, (people) => codec.encodeBatch(people)), … });
 */
export function withTargets(batches: Batches<PeopleBatch>, encode: Encode): Batches<TrainingBatch>;
export function withTargets<Target>(
  batches: Batches<PeopleBatch>,
  encode: Encode<Target>,
): Batches<TrainingBatch<Target>>;
export function withTargets<Target>(
  batches: Batches<PeopleBatch>,
  encode: Encode<Target>,
): Batches<TrainingBatch<Target>> {
  async function* encoded(epoch: number, source: AsyncIterable<PeopleBatch> | Iterable<PeopleBatch>) {
    for await (const batch of source) {
      yield { images: batch.images, ...targetOf(batch, epoch) };
    }
  }
  const targetOf = (batch: PeopleBatch, epoch: number): { target: Target; weights: Tensor2D } => {
    try {
      const made = encode(batch.people, epoch);
      const target = 'heatmaps' in made ? made.heatmaps : 'coordinates' in made ? made.coordinates : made.target;
      return { target, weights: made.weights };
    } catch (error) {
      disposeBatch(batch); // nobody else will have it
      throw error;
    }
  };
  return batches.length >= 2
    ? (epoch, firstBatch) => encoded(epoch, batches(epoch, firstBatch))
    : (epoch: number) => encoded(epoch, batches(epoch, 0));
}

/** Disposes every tensor of a batch, also those in arrays. */
export function disposeBatch(batch: object): void {
  for (const value of Object.values(batch).flat()) if (value instanceof Tensor) value.dispose();
}

/** The batches of an epoch from `first` on, whether or not the source can seek. */
export async function* batchesFrom<B extends object>(
  batches: Batches<B>,
  epoch: number,
  first: number,
): AsyncGenerator<B> {
  const seeks = batches.length >= 2;
  let index = seeks ? first : 0;
  for await (const batch of batches(epoch, seeks ? first : 0)) {
    if (index++ < first) disposeBatch(batch);
    else yield batch;
  }
}
