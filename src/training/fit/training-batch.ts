import { hasFields, requireThat } from '../../bytes';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Tensor } from '@tensorflow/tfjs-core';
import type { Keypoints } from '../../keypoints';
import type { EncodedBatch } from '../../targets';

/** One batch with its targets, as a training step uses it. */
export interface TrainingBatch<Target = Tensor4D> extends EncodedBatch<Target> {
  /** [N, H, W, 3]. */
  readonly images: Tensor4D;
}

/**
 * The batches of an epoch, counted from 0, or of its rest. A run that resumes in the middle of an epoch asks for the batches from `firstBatch` on. A source reports
 * in its `firstBatch` where it starts, as `topDown` and `topDownLoader` do. A source without `firstBatch` starts at 0, and `fit` reads and discards the completed
 * batches.
 */
export type Batches<B> = (epoch: number, firstBatch: number) => EpochSource<B>;

/** The batches of one epoch, and the index of the first one. @defaultValue 0 for `firstBatch` */
export type EpochSource<B> = (AsyncIterable<B> | Iterable<B>) & { readonly firstBatch?: number };

/** Crops with their people, as `topDown` of `poseblocks/datasets` yields them. */
export interface PeopleBatch {
  readonly images: Tensor4D;
  readonly people: readonly Keypoints<'input'>[];
}

/** Encodes people as targets: a codec, or any object with the same method. */
export interface Encoder<Target> {
  encodeBatch(people: readonly Keypoints<'input'>[]): EncodedBatch<Target>;
}

/**
 * Turns batches of people into batches with targets, so that a loader does not depend on targets.
 *
 * @param codec encodes the targets; or a function from the epoch to such a codec.
 * @throws TypeError when `batches` is no function, or `codec` cannot encode.
 * @example
 * const crops = (epoch: number, firstBatch: number) => topDown({ persons, readImage, codec, seed: 1, epoch, firstBatch });
 * fit(network, { batches: withTargets(crops, codec), … });
 */
export function withTargets<Target>(
  batches: Batches<PeopleBatch>,
  codec: Encoder<Target> | ((epoch: number) => Encoder<Target>),
): Batches<TrainingBatch<Target>> {
  requireThat(
    typeof batches === 'function',
    'withTargets',
    'batches must be a function of the epoch',
    batches,
    '(epoch) => topDown({ …, epoch }).',
  );
  requireThat(typeof codec === 'function' || hasFields(codec, 'encodeBatch'), 'withTargets', 'codec must be a codec, or a function of the epoch that gives one', codec); // prettier-ignore
  const encoded = async function* (encoder: Encoder<Target>, source: EpochSource<PeopleBatch>) {
    for await (const batch of source) yield { images: batch.images, ...targetOf(batch, encoder) };
  };
  const targetOf = (batch: PeopleBatch, encoder: Encoder<Target>): EncodedBatch<Target> => {
    try {
      return encoder.encodeBatch(batch.people);
    } catch (error) {
      disposeBatch(batch); // no receiver will dispose it
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

/**
 * Disposes every tensor of a batch, including those in arrays.
 *
 * @example disposeBatch({ images, target: [a, b], weights });
 */
export function disposeBatch(batch: object): void {
  if (!hasFields(batch)) return; // which is then an error
  for (const value of Object.values(batch).flat()) if (value instanceof Tensor) value.dispose();
}

/**
 * The batches of an epoch from `first` on, whatever the first batch of its source is.
 *
 * @throws RangeError when the source starts after `first`.
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
