import { tensor4d, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Keypoints, Size } from '../keypoints';
import { boxToCrop, centerToCrop, type Crop } from '../postprocess';
import { cropImage } from './crop-image';
import { DatasetError } from './fields';
import type { RgbImage } from './image';
import { normalizationOf, type Normalization, type NormalizationName } from './normalization';
import type { Person, Skip } from './person';
import { seededRandom, shuffledIndices } from './random';

export interface TopDownOptions {
  readonly persons: readonly Person[];
  /** Reads a person's image: `imageFolder(path)` of `poseblocks/datasets/node`, or your own. */
  readonly readImage: (person: Person) => RgbImage | Promise<RgbImage>;
  /** `[width, height]` of the network's input; or a `codec`, which knows it. */
  readonly inputSize?: Size;
  readonly codec?: { readonly inputSize: Size };
  /** Default 32. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
  /** Shuffles, differently in each epoch. Without it the persons come in their order. */
  readonly seed?: number;
  /** Which epoch to shuffle for. Default 0. */
  readonly epoch?: number;
  /** Begin with this batch of the epoch: resumes where a run was stopped. Default 0. */
  readonly firstBatch?: number;
  /** Default `'imagenet'`. */
  readonly normalization?: NormalizationName | Normalization;
  /** Default {@link personCrop}. */
  readonly crop?: (person: Person, inputSize: Size) => Crop;
  /** When given, a person whose image cannot be read is left out of its batch and reported here; else it throws. */
  readonly onSkip?: (skip: Skip) => void;
}

/** N persons, ready for the network. The tensor belongs to the receiver: dispose it. */
export interface Batch {
  /** `[N, height, width, 3]`, normalised. */
  readonly images: Tensor4D;
  readonly people: Keypoints<'input'>[];
  readonly crops: Crop[];
  readonly samples: Person[];
}

/**
 * The reference crop of a person: around its centre and scale where the dataset gives them (MPII, LSP), else around
 * its box, padded by 1.25, at the input's aspect ratio.
 */
export function personCrop({ box, center, scale }: Person, inputSize: Size): Crop {
  if (center === undefined || scale === undefined) return boxToCrop(box, inputSize);
  return centerToCrop({ center, size: [200 * scale, (200 * scale * inputSize[1]) / inputSize[0]] }, inputSize);
}

/**
 * One epoch of top-down batches: crop around each person, normalise, stack. Each loop over the result reads the epoch
 * anew; images are read one batch at a time.
 *
 * @throws RangeError for options out of range; DatasetError naming image and person when an image cannot be read and
 *   there is no `onSkip`.
 * @example
 * for await (const { images, people } of topDown({ persons, codec, readImage: imageFolder('val2017'), seed: 1, epoch })) {
 *   const { heatmaps, weights } = codec.encodeBatch(people); // train, then dispose images, heatmaps and weights
 * }
 */
export function topDown(options: TopDownOptions): AsyncIterable<Batch> {
  const { persons, batchSize = 32, firstBatch = 0, onSkip } = options;
  const inputSize = inputSizeOf(options);
  const [width, height] = inputSize;
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new RangeError(`topDown: batchSize must be a positive integer. Received: ${batchSize}.`);
  }
  const normalization = normalizationOf(options.normalization ?? 'imagenet');
  const crop = options.crop ?? personCrop;

  return {
    async *[Symbol.asyncIterator]() {
      const order = epochOrder(persons.length, options.seed, options.epoch);
      for (let from = firstBatch * batchSize; from < order.length; from += batchSize) {
        const chosen = Array.from(order.subarray(from, from + batchSize), (index) => persons[index]!);
        const read = await Promise.all(chosen.map((person) => readOrSkip(person, options.readImage, onSkip)));
        const samples = chosen.filter((_, n) => read[n] !== undefined);
        if (samples.length === 0) continue;
        const pixels = new Float32Array(samples.length * 3 * width * height);
        const crops = samples.map((person) => crop(person, inputSize));
        read
          .filter((image) => image !== undefined)
          .forEach((image, n) => {
            const out = pixels.subarray(n * 3 * width * height, (n + 1) * 3 * width * height);
            cropImage(image, crops[n]!, { normalization, out });
          });
        yield {
          images: tensor4d(pixels, [samples.length, height, width, 3]),
          people: samples.map((person, n) => crops[n]!.toInput(person.keypoints)),
          crops,
          samples,
        };
      }
    },
  };
}

/** The order of an epoch's samples: shuffled by (seed, epoch), or as they are without a seed. */
export function epochOrder(count: number, seed: number | undefined, epoch = 0): Uint32Array {
  return seed === undefined
    ? Uint32Array.from({ length: count }, (_, i) => i)
    : shuffledIndices(count, seededRandom(seed, epoch));
}

async function readOrSkip(
  person: Person,
  readImage: TopDownOptions['readImage'],
  onSkip: TopDownOptions['onSkip'],
): Promise<RgbImage | undefined> {
  try {
    return await readImage(person);
  } catch (error) {
    const detail = (error as Error).message;
    if (onSkip === undefined) {
      throw new DatasetError(
        `topDown: the image of person ${person.id} must be readable. Received: ${detail} Give onSkip to leave such persons out.`,
        { cause: error },
      );
    }
    onSkip({ reason: 'unreadable-image', id: person.id, fileName: person.fileName, detail });
    return undefined;
  }
}

function inputSizeOf({ inputSize, codec }: TopDownOptions): Size {
  const size = inputSize ?? codec?.inputSize;
  if (size === undefined || !size.every((side) => Number.isInteger(side) && side > 0)) {
    throw new RangeError(
      `topDown: inputSize must be [width, height], positive integers, or codec given. Received: ${JSON.stringify(size)}.`,
    );
  }
  return size;
}
