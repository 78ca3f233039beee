import { topDown, type Skip } from '../datasets';
import { topDownLoader } from '../datasets/node';
import { codecAt, type CodecAt } from '../targets';
import { withTargets, type Batches, type TrainingBatch } from '../training';
import type { TrainData } from './train-data';
import type { TrainOptions } from './train-options';

/** The batches for `fit`; `close` ends the loader's threads, if there are any. */
export interface TrainBatches {
  readonly batches: Batches<TrainingBatch<unknown>>;
  readonly close: () => Promise<void>;
}

/**
 * The batches of the recipe. Photographs are loaded by threads, synthetic people are drawn in this one. The batches are equal to the last bit
 * for any number of threads.
 */
export function trainBatches(
  { training: { folder, readImage, persons }, keypointSet }: TrainData,
  codec: CodecAt,
  { recipe: { augmentation, batchSize }, seed, workers }: TrainOptions,
  onSkip: (skip: Skip) => void,
): TrainBatches {
  const augment = augmentation && { augment: { keypointSet, ...augmentation } };
  const crops = { persons, batchSize, seed, onSkip, ...augment };
  if (folder !== undefined) {
    const { epoch, close } = topDownLoader({ ...crops, codec, images: folder, workers });
    return { batches: epoch, close };
  }
  const drawn = (epoch: number, firstBatch: number) =>
    topDown({ ...crops, codec: codecAt(codec, epoch), readImage, epoch, firstBatch });
  return { batches: withTargets(drawn, codec), close: async () => undefined };
}
