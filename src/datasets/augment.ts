import { exchangePairs, type Keypoints, type KeypointSet, type Size } from '../keypoints';
import { centerToCrop, cropFromMatrix, keypointsBox, type Crop, type Region } from '../geometry';
import type { Person } from './person';
import type { ProposalJitterOptions } from './proposal-jitter';
import type { Random } from '../random';

/** What to vary, each with the reference's distribution. Omit an option or set it to 0 to switch it off. */
export interface AugmentOptions {
  /** The keypoint set, for its flip pairs. */
  readonly keypointSet: KeypointSet;
  /** Probability of mirroring. @defaultValue 0.5 */
  readonly flip?: number;
  /** Scale factor `1 + factor·N(0, 1)`, clipped to 1 ± factor. @defaultValue 0.3 */
  readonly scale?: number;
  /** Rotation in degrees: `factor·N(0, 1)`, clipped to ± 2·factor, with probability 0.6. @defaultValue 40 */
  readonly rotation?: number;
  /** Crops of the upper or the lower half of the body only. @defaultValue none, as in LPN; HRNet: `{ upperBody: … , probability: 0.3 }` */
  readonly halfBody?: HalfBodyOptions;
  /** Perturbs the person's box as a detector might, before all other steps: RMPE. Persons with a centre and scale (MPII) keep these. @defaultValue none */
  readonly proposals?: ProposalJitterOptions;
  /** Gain of each channel, uniform in 1 ± factor, clipped to the range of the image. @defaultValue 0; the hourglass uses 0.2 */
  readonly color?: number;
  /** Probability of a black rectangle with sides of 0.2–0.4 of the input's. @defaultValue 0; RTMPose uses 0.5 */
  readonly cutout?: number;
  /**
   * Your own step, after all others: receives the augmented sample and returns the sample to use. It draws from the sample's own random numbers, so a resumed run
   * draws the same. It runs on the main thread, also where a loader's threads render the crop.
   * @defaultValue none
   */
  readonly then?: (drawn: AugmentedSample, context: AugmentContext) => AugmentedSample;
}

/** The information that your own step receives. */
export interface AugmentContext {
  readonly person: Person;
  /** `[width, height]`, pixels. */
  readonly inputSize: Size;
  /** Random source of this sample only, from (seed, epoch, index in `persons`). */
  readonly random: Random;
}

/** Half-body augmentation: a crop of the upper or of the lower body alone. */
export interface HalfBodyOptions {
  /** Names of the keypoints of the upper body; all others belong to the lower body. */
  readonly upperBody: readonly string[];
  /** Share of people that are cropped so, 0 to 1. */
  readonly probability: number;
  /** Applied only with more labelled keypoints than this. @defaultValue 8 */
  readonly minimum?: number;
}

/** The pixel changes drawn for one sample; plain data, so that it can be sent to a worker thread. */
export interface PixelChanges {
  /** Gains of red, green and blue. */
  readonly gains?: readonly [number, number, number];
  /** Blackened rectangle: `[x, y, width, height]`. */
  readonly hole?: readonly [number, number, number, number];
}

/** What augmentation makes of a person: another crop, keypoints in it, and changes of its pixels. */
export interface AugmentedSample extends PixelChanges {
  readonly crop: Crop;
  readonly keypoints: Keypoints<'input'>;
}

/**
 * Draws one sample's augmentation and applies it to the crop and the keypoints.
 *
 * Follows the COCO loader of github.com/leoxiaobin/deep-high-resolution-net.pytorch (half body, then scale and
 * rotation, then flip, which mirrors the image before the crop), bearpaw/pytorch-pose for colour, and RTMPose for
 * cutout. Numbers are always drawn in the same order, so switching one off does not change the others.
 *
 * @param region the person's region before augmentation.
 * @throws RangeError when half-body keypoints are unknown; TypeError when your own step does not return a sample.
 * @example augmentSample(person, region, [192, 256], { keypointSet: COCO }, seededRandom(seed, epoch, index))
 */
export function augmentSample(
  person: Person,
  region: Region,
  inputSize: Size,
  { keypointSet, flip = 0.5, scale = 0.3, rotation = 40, halfBody, color = 0, cutout = 0, then }: AugmentOptions,
  random: Random,
): AugmentedSample {
  const half = halfBodyRegion(person, inputSize, keypointSet, halfBody, random) ?? region;
  const factor = clamp(random.normal() * scale + 1, 1 - scale, 1 + scale);
  const turn = clamp(random.normal() * rotation, -2 * rotation, 2 * rotation);
  const degrees = random.chance(0.6) ? turn : 0;
  const mirrored = random.chance(flip);
  const gains = [0, 1, 2].map(() => random.uniform(1 - color, 1 + color)) as [number, number, number];
  const hole = cutoutHole(inputSize, random);
  const holed = random.chance(cutout);

  const size: Size = [half.size[0] * factor, half.size[1] * factor];
  const straight = centerToCrop({ center: half.center, size }, inputSize, { rotation: mirrored ? -degrees : degrees });
  const crop = mirrored ? mirrorImage(straight) : straight;
  const keypoints = crop.toInput(person.keypoints);
  const drawn: AugmentedSample = {
    crop,
    keypoints: mirrored ? exchangePairs(keypoints, keypointSet) : keypoints,
    ...(color > 0 && { gains }),
    ...(holed && { hole }),
  };
  return then ? ownStep(then(drawn, { person, inputSize, random }), keypointSet) : drawn;
}

/** Validates the sample that a user's step returned. */
function ownStep(sample: AugmentedSample, { names }: KeypointSet): AugmentedSample {
  if (typeof sample?.crop?.toInput !== 'function' || sample.keypoints?.score?.length !== names.length) {
    throw new TypeError(
      `augment: then must return { crop, keypoints }, with ${names.length} keypoints, as in the sample that it receives. Received: ${sample === null || typeof sample !== 'object' ? String(sample) : `an object of ${Object.keys(sample).join(', ')}`}.`,
    );
  }
  return sample;
}

/** The crop of the mirrored image around the mirrored centre: about W / 2, as in the reference. */
function mirrorImage({ matrix: [a, b, c, d, e, f], inputSize }: Crop): Crop {
  return cropFromMatrix([-a, -b, inputSize[0] - c, d, e, f], inputSize);
}

function halfBodyRegion(
  { keypoints }: Person,
  inputSize: Size,
  { names }: KeypointSet,
  options: HalfBodyOptions | undefined,
  random: Random,
): Region | undefined {
  const chosen = random.chance(options?.probability ?? 0);
  // The reference draws N(0, 1) < 0.5 here, so it takes the upper half in 69 % of the cases.
  const preferUpper = random.normal() < 0.5;
  if (options === undefined) return undefined;
  const upper = options.upperBody.map((name) => names.indexOf(name));
  if (upper.includes(-1)) {
    throw new RangeError(
      `augment: halfBody.upperBody must name known keypoints. Received: "${options.upperBody[upper.indexOf(-1)]}".`,
    );
  }
  const labelled = names.map((_, k) => k).filter((k) => keypoints.score[k]! > 0);
  if (!chosen || labelled.length <= (options.minimum ?? 8)) return undefined;
  const ups = labelled.filter((k) => upper.includes(k));
  const downs = labelled.filter((k) => !upper.includes(k));
  const selected = preferUpper && ups.length > 2 ? ups : downs.length > 2 ? downs : ups;
  if (selected.length < 2) return undefined;

  const score = keypoints.score.map((v, k) => (selected.includes(k) ? v : 0));
  const [, , width, height] = keypointsBox({ ...keypoints, score })!;
  if (width === 0 && height === 0) return undefined;
  const mean = (axis: 0 | 1): number =>
    selected.reduce((sum, k) => sum + keypoints.xy[2 * k + axis]!, 0) / selected.length;
  const aspect = inputSize[0] / inputSize[1];
  const size: Size = [1.5 * Math.max(width, height * aspect), 1.5 * Math.max(height, width / aspect)];
  return { center: [mean(0), mean(1)], size };
}

function cutoutHole([width, height]: Size, random: Random): [number, number, number, number] {
  const w = Math.round(random.uniform(0.2, 0.4) * width);
  const h = Math.round(random.uniform(0.2, 0.4) * height);
  return [random.integer(width - w + 1), random.integer(height - h + 1), w, h];
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
