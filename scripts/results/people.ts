import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { epochOrder, syntheticPeople, topDown, type Batch, type SyntheticDataset } from 'poseblocks/datasets';
import { disposeBatch, type PeopleBatch } from 'poseblocks/training';

export const INPUT = 64;
export const TRAINING_PEOPLE = 320;
export const HELD_OUT_PEOPLE = 192;
export const BATCH = 16;

/** People cropped once and kept on the device, since these networks are quicker than the crop. */
export interface People {
  batches(seed: number, epoch: number): Generator<PeopleBatch>;
  heldOut(): AsyncGenerator<Batch>;
  readonly heldOutJson: SyntheticDataset['json'];
}

/** The same people for every run: seed 1 to train on, seed 2 held out. */
export async function people(): Promise<People> {
  const options = { imageSize: [96, 96], people: [1, 1] } as const;
  const [training, heldOut] = [
    syntheticPeople({ ...options, seed: 1, count: TRAINING_PEOPLE }),
    syntheticPeople({ ...options, seed: 2, count: HELD_OUT_PEOPLE }),
  ];
  const crop = async ({ persons, readImage }: SyntheticDataset): Promise<Batch> => {
    for await (const batch of topDown({ persons, readImage, inputSize: [INPUT, INPUT], batchSize: persons.length })) {
      return batch;
    }
    throw new Error('people: there must be at least one person. Received: none.');
  };
  const [all, held] = [await crop(training), await crop(heldOut)];
  const part = (from: Batch, indices: number[]): Batch => ({
    images: tf.gather(from.images, indices) as Tensor4D,
    people: indices.map((i) => from.people[i]!),
    crops: indices.map((i) => from.crops[i]!),
    samples: indices.map((i) => from.samples[i]!),
  });
  return {
    heldOutJson: heldOut.json,
    *batches(seed, epoch) {
      const order = [...epochOrder(all.samples.length, seed, epoch)];
      for (let from = 0; from < order.length; from += BATCH) yield part(all, order.slice(from, from + BATCH));
    },
    async *heldOut() {
      for (let from = 0; from < held.samples.length; from += 32) {
        const batch = part(
          held,
          Array.from({ length: Math.min(32, held.samples.length - from) }, (_, i) => from + i),
        );
        yield batch;
        disposeBatch(batch);
      }
    },
  };
}
