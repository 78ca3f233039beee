import type { Keypoints, Size } from '../keypoints';
import { bodyWindowCrop, boxRegion, boxToCrop, centerToCrop, type Crop, type Region } from '../geometry';
import { augmentSample, type AugmentOptions, type PixelChanges } from './augment';
import type { Person } from './person';
import { proposalJitter } from './proposal-jitter';
import { seededRandom, shuffledIndices } from '../random';

/** Everything about a sample that does not need its image, drawn in one place, so that the result does not depend on threads. */
export interface SamplePlan {
  readonly person: Person;
  readonly crop: Crop;
  readonly keypoints: Keypoints<'input'>;
  readonly changes: PixelChanges;
}

export interface PlanOptions {
  readonly persons: readonly Person[];
  readonly inputSize: Size;
  readonly seed: number | undefined;
  readonly epoch: number;
  readonly augment: AugmentOptions | undefined;
  readonly crop: ((person: Person, inputSize: Size) => Crop) | undefined;
}

/**
 * The region of a person: around centre and scale where the dataset has them (MPII), else the box, padded by 1.25.
 *
 * @example const { center, size } = personRegion(person, [192, 256]);
 */
export function personRegion({ box, center, scale }: Person, inputSize: Size): Region {
  if (center === undefined || scale === undefined) return boxRegion(box, inputSize);
  return { center, size: [200 * scale, (200 * scale * inputSize[1]) / inputSize[0]] };
}

/**
 * The reference crop of a person: {@link personRegion} at the input's aspect ratio, upright.
 *
 * @example const crop = personCrop(person, [192, 256]);
 */
export function personCrop(person: Person, inputSize: Size): Crop {
  return person.center === undefined || person.scale === undefined
    ? boxToCrop(person.box, inputSize)
    : centerToCrop(personRegion(person, inputSize), inputSize);
}

/**
 * Paper 001's crop, `bodyWindowCrop`, of a person from MPII's readers: around the centre and scale of the annotation file, which are restored from the person's `center` and
 * `scale`, those of the reference crop. MPII's files do not contain image sizes; add them.
 *
 * @throws RangeError when the person has no centre, scale or image size, or lies outside the image.
 * @example
 * const sized = persons.map((person) => ({ ...person, imageSize: sizes.get(person.fileName)! }));
 * for await (const batch of topDown({ persons: sized, crop: personWindowCrop, readImage, codec })) … // [256, 256]
 */
export function personWindowCrop({ id, center, scale, imageSize }: Person, inputSize: Size): Crop {
  if (center === undefined || scale === undefined || imageSize === undefined) {
    throw new RangeError(
      `personWindowCrop: person ${id} must have a centre, a scale and an image size. ` +
        `Received: center=[${center}], scale=${scale}, imageSize=[${imageSize}]. Persons of MPII have the first two; add imageSize.`,
    );
  }
  const own = scale / 1.25;
  return bodyWindowCrop({ center: [center[0], center[1] - 15 * own], scale: own }, imageSize, inputSize);
}

/**
 * The order of an epoch's samples: shuffled by (seed, epoch), or unchanged without a seed.
 *
 * @param count number of samples
 * @example epochOrder(4, 1, 0) // the same permutation of 0 to 3 on every machine
 */
export function epochOrder(count: number, seed: number | undefined, epoch = 0): Uint32Array {
  return seed === undefined
    ? Uint32Array.from({ length: count }, (_, i) => i)
    : shuffledIndices(count, seededRandom(seed, epoch));
}

/** Plans the sample of a person by its index in the dataset; augmentation draws from (seed, epoch, index). */
export function planSample(index: number, { persons, inputSize, seed, epoch, augment, crop }: PlanOptions): SamplePlan {
  const person = persons[index]!;
  if (augment !== undefined) {
    const random = seededRandom(seed ?? 0, epoch, index);
    // From separate random numbers, so that the other draws do not change without it.
    const box =
      augment.proposals &&
      proposalJitter(person.box, person.imageSize, seededRandom(seed ?? 0, epoch, index, 1), augment.proposals);
    const region = personRegion(box ? { ...person, box } : person, inputSize);
    const sample = augmentSample(person, region, inputSize, augment, random);
    const { crop: matrix, keypoints, ...changes } = sample;
    return { person, crop: matrix, keypoints, changes };
  }
  const chosen = (crop ?? personCrop)(person, inputSize);
  return { person, crop: chosen, keypoints: chosen.toInput(person.keypoints), changes: {} };
}
