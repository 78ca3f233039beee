import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Tensor } from '@tensorflow/tfjs-core';
import type { Keypoints } from '../../keypoints';
import type { EncodedBatch } from '../../targets';

/** What one step learns from. */
export interface TrainingBatch<Target = Tensor4D> extends EncodedBatch<Target> {
  /** [N, H, W, 3]. */
  readonly images: Tensor4D;
}

/**
 * The batches of an epoch, counted from 0, or of its rest. Where a run goes on in the middle of an epoch it asks for those from `firstBatch` on; what answers
 * says with `firstBatch` where it begins, as `topDown` and `topDownLoader` do. What says nothing begins at 0, and `fit` draws what is done already and throws
 * it away.
 */
export type Batches<B> = (epoch: number, firstBatch: number) => EpochSource<B>;

/** The batches of one epoch, and which of them comes first: 0 where it is not said. */
export type EpochSource<B> = (AsyncIterable<B> | Iterable<B>) & { readonly firstBatch?: number };

/** Crops with their people, as `topDown` of `poseblocks/datasets` yields them. */
export interface PeopleBatch {
  readonly images: Tensor4D;
  readonly people: readonly Keypoints<'input'>[];
}

/** What makes targets of people: a codec, or anything that encodes as one. */
export interface Encoder<Target> {
  encodeBatch(people: readonly Keypoints<'input'>[]): EncodedBatch<Target>;
}

/**
 * Turns batches of people into batches of targets, so that a loader knows nothing of targets.
 *
 * @param codec makes the targets; or one for each epoch.
 * @example
 * const crops = (epoch: number, firstBatch: number) => topDown({ persons, readImage, codec, seed: 1, epoch, firstBatch });
 * fit(network, { batches: withTargets(crops, codec), … });
 */
export function withTargets<Target>(
  batches: Batches<PeopleBatch>,
  codec: Encoder<Target> | ((epoch: number) => Encoder<Target>),
): Batches<TrainingBatch<Target>> {
  const encoded = async function* (encoder: Encoder<Target>, source: EpochSource<PeopleBatch>) {
    for await (const batch of source) yield { images: batch.images, ...targetOf(batch, encoder) };
  };
  const targetOf = (batch: PeopleBatch, encoder: Encoder<Target>): EncodedBatch<Target> => {
    try {
      return encoder.encodeBatch(batch.people);
    } catch (error) {
      disposeBatch(batch); // nobody else will have it
      throw error;
    }
  };
  return (epoch, first) => {
    const source = batches(epoch, first);
    const encoder = typeof codec === 'function' ? codec(epoch) : codec;
    const { firstBatch = 0 } = source;
    return { firstBatch, [Symbol.asyncIterator]: () => encoded(encoder, source) };
  };
}

/** Disposes every tensor of a batch, also those in arrays. */
export function disposeBatch(batch: object): void {
  for (const value of Object.values(batch).flat()) if (value instanceof Tensor) value.dispose();
}

/**
 * The batches of an epoch from `first` on, wherever its source begins.
 *
 * @throws RangeError when the source begins after `first`.
 */
export async function* batchesFrom<B extends object>(
  batches: Batches<B>,
  epoch: number,
  first: number,
): AsyncGenerator<B> {
  const source = batches(epoch, first);
  let { firstBatch: index = 0 } = source;
  if (!(Number.isInteger(index) && index >= 0 && index <= first)) {
    throw new RangeError(`fit: firstBatch of the batches must be an integer from 0 to ${first}. Received: ${index}.`);
  }
  for await (const batch of source) {
    if (index++ < first) disposeBatch(batch);
    else yield batch;
  }
}
