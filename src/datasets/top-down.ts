import { hasFields, knownOptions, requireThat } from '../bytes';
import { tensor4d, type Tensor4D } from '@tensorflow/tfjs-core';
import { requireEngine } from '../engines';
import type { Keypoints, Size } from '../keypoints';
import type { Crop } from '../geometry';
import type { AugmentOptions } from './augment';
import { DatasetError } from './fields';
import type { RgbImage } from './image';
import { normalizationOf, type Normalization, type NormalizationName } from './normalization';
import type { Person, Skip } from './person';
import { epochOrder, planSample, type PlanOptions } from './plan';
import { renderSample } from './render-sample';

/** The parameters of one epoch of batches, whatever makes them. */
export interface BatchOptions {
  /** The people, as a reader gives them. */
  readonly persons: readonly Person[];
  /** `[width, height]` of the network's input; or pass a `codec`, which has it. */
  readonly inputSize?: Size;
  /** Says the size of the input; targets are made by `withTargets`. */
  readonly codec?: { readonly inputSize: Size };
  /** The last batch of an epoch may be smaller. @defaultValue 32 */
  readonly batchSize?: number;
  /** Seed of the shuffling, which differs in each epoch. @defaultValue none; persons keep their order */
  readonly seed?: number;
  /** Normalisation of the crops. @defaultValue `'imagenet'` */
  readonly normalization?: NormalizationName | Normalization;
  /** Augmentation of the crops, drawn from (seed, epoch, index in `persons`). @defaultValue no augmentation */
  readonly augment?: AugmentOptions;
  /** Crop rule. @defaultValue `personCrop`; not together with `augment`, which chooses the crop */
  readonly crop?: (person: Person, inputSize: Size) => Crop;
  /** Receives each person whose image cannot be read; the person is left out of its batch. @defaultValue throws */
  readonly onSkip?: (skip: Skip) => void;
}

/** Options of {@link topDown}. */
export interface TopDownOptions extends BatchOptions {
  /** Reads a person's image: `imageFolder(path)` of `poseblocks/datasets/node`, or your own. */
  readonly readImage: (person: Person) => RgbImage | Promise<RgbImage>;
  /** The epoch to shuffle and augment for. @defaultValue 0 */
  readonly epoch?: number;
  /** First batch of the epoch, which resumes a stopped run. @defaultValue 0 */
  readonly firstBatch?: number;
}

/** N persons, ready for the network. The tensor belongs to the receiver, who disposes it. */
export interface Batch {
  /** `[N, height, width, 3]`, normalised. */
  readonly images: Tensor4D;
  readonly people: Keypoints<'input'>[];
  readonly crops: Crop[];
  readonly samples: Person[];
}

/** The batches of an epoch, or of its rest: `firstBatch` is the index of the first one. */
export interface EpochBatches<B> extends AsyncIterable<B> {
  readonly firstBatch: number;
}

/**
 * One epoch of top-down batches: crops each person, normalises, stacks. Each loop over the result reads the epoch
 * again; images are read one batch at a time.
 *
 * @throws RangeError for options out of range; DatasetError naming the image and the person when an image cannot be read and
 *   there is no `onSkip`.
 * @example
 * for await (const { images, people } of topDown({ persons, codec, readImage: imageFolder('val2017'), seed: 1, epoch })) {
 *   const { target, weights } = codec.encodeBatch(people); // train, then dispose images, target and weights
 * }
 */
export function topDown(options: TopDownOptions): EpochBatches<Batch> {
  requireThat(hasFields(options), 'topDown', 'options must be { persons, readImage, codec }', options);
  knownOptions<TopDownOptions & Partial<Record<(typeof DATASET_FIELDS)[number], unknown>>>('topDown', options, [...BATCH_OPTIONS, ...DATASET_FIELDS, 'readImage', 'epoch', 'firstBatch']); // prettier-ignore
  const { epoch = 0, firstBatch = 0, readImage, onSkip } = options;
  requireThat(typeof readImage === 'function', 'topDown', 'readImage must be a function from a person to its image', readImage, 'imageFolder(path) of poseblocks/datasets/node reads files.'); // prettier-ignore
  const { plan, batchSize, normalization } = batchPlan('topDown', options, epoch);
  return {
    firstBatch,
    async *[Symbol.asyncIterator]() {
      requireEngine('topDown');
      const order = epochOrder(plan.persons.length, plan.seed, epoch);
      for (let from = firstBatch * batchSize; from < order.length; from += batchSize) {
        const plans = Array.from(order.subarray(from, from + batchSize), (index) => planSample(index, plan));
        const images = await Promise.all(plans.map(({ person }) => readOrSkip(person, readImage, onSkip)));
        const kept = plans.filter((_, n) => images[n] !== undefined);
        if (kept.length === 0) continue;
        const [width, height] = plan.inputSize;
        const length = 3 * width * height;
        const pixels = new Float32Array(kept.length * length);
        images
          .filter((image) => image !== undefined)
          .forEach((image, n) =>
            renderSample(image, kept[n]!, normalization, pixels.subarray(n * length, (n + 1) * length)),
          );
        yield {
          images: tensor4d(pixels, [kept.length, height, width, 3]),
          people: kept.map(({ keypoints }) => keypoints),
          crops: kept.map(({ crop }) => crop),
          samples: kept.map(({ person }) => person),
        };
      }
    },
  };
}

/** The fields of a data set beside its people, which are accepted as options: `topDown({ ...dataset, codec })`. */
export const DATASET_FIELDS = ['keypointSet', 'skipped', 'json', 'images'] as const;

/** Those of {@link BatchOptions}. */
export const BATCH_OPTIONS = ['persons', 'inputSize', 'codec', 'batchSize', 'seed', 'normalization', 'augment', 'crop', 'onSkip'] as const; // prettier-ignore

/** Validates the options and fills in the defaults. */
export function batchPlan(
  where: string,
  { persons, inputSize, codec, batchSize = 32, seed, normalization = 'imagenet', augment, crop }: BatchOptions,
  epoch: number,
): { readonly plan: PlanOptions; readonly batchSize: number; readonly normalization: Normalization } {
  requireThat(Array.isArray(persons) && (persons.length === 0 || hasFields(persons[0], 'keypoints', 'box')), where, 'persons must be a list of people, as readCoco gives', persons); // prettier-ignore
  const size = inputSize ?? codec?.inputSize;
  if (size === undefined || !size.every((side) => Number.isInteger(side) && side > 0)) {
    throw new RangeError(
      `${where}: inputSize must be [width, height], positive integers, or codec must be given. Received: ${JSON.stringify(size)}.`,
    );
  }
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new RangeError(`${where}: batchSize must be a positive integer. Received: ${batchSize}.`);
  }
  if (augment !== undefined && crop !== undefined) {
    throw new RangeError(`${where}: crop and augment must not both be given: augmentation chooses the crop.`);
  }
  const plan: PlanOptions = { persons, inputSize: size, seed, epoch, augment, crop };
  return { plan, batchSize, normalization: normalizationOf(normalization) };
}

async function readOrSkip(
  person: Person,
  readImage: TopDownOptions['readImage'],
  onSkip: TopDownOptions['onSkip'],
): Promise<RgbImage | undefined> {
  try {
    return await readImage(person);
  } catch (error) {
    if (onSkip === undefined) throw unreadable('topDown', person, error);
    onSkip(unreadableSkip(person, error));
    return undefined;
  }
}

export function unreadableSkip({ id, fileName }: Person, error: unknown): Skip {
  return { reason: 'unreadable-image', id, fileName, detail: (error as Error).message };
}

export function unreadable(where: string, { id }: Person, error: unknown): DatasetError {
  return new DatasetError(
    `${where}: the image of person ${id} must be readable. Received: ${(error as Error).message} Pass onSkip to leave such persons out.`,
    { cause: error },
  );
}
