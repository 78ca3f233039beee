import { hasFields, requireThat } from '../bytes';
import { COCO, type Keypoints } from '../keypoints';
import { predictionOks, suppressDuplicates, visibleMean } from '../metrics';

/** A detected person in an image, as suppression takes it. */
export interface ScoredPose {
  readonly keypoints: Keypoints<'image'>;
  /** Score of the person; see {@link rescore}. */
  readonly score: number;
  /** Area in square pixels; the reference uses that of the padded box: `size[0] · size[1]` of `boxRegion`. */
  readonly area: number;
}

/** Options of {@link oksNms}. */
export interface OksNmsOptions {
  /** Hard: a person is removed when its OKS with a kept one is above this. Soft: t in the decay exp(−OKS² / t). @defaultValue 0.9 */
  readonly threshold?: number;
  /** OKS standard deviation of each keypoint. @defaultValue COCO's 17 */
  readonly sigmas?: readonly number[];
}

/**
 * A person's score from the scores of box and keypoints: `boxScore · mean of keypoint scores above visibleThreshold`, 0 if
 * there is none.
 *
 * Follows `evaluate` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @example
 * const score = rescore(keypoints, detection.score); // then oksNms
 */
export function rescore(
  { score }: Keypoints,
  boxScore: number,
  { visibleThreshold = 0.2 }: { readonly visibleThreshold?: number } = {},
): number {
  return boxScore * visibleMean(score, visibleThreshold);
}

function requirePoses(where: string, people: readonly ScoredPose[]): void {
  requireThat(
    Array.isArray(people) && people.every((person) => hasFields(person, 'keypoints', 'score', 'area')),
    where,
    'people must be a list of { keypoints, score, area }',
    people,
  );
}

/**
 * Greedy suppression of duplicates in one image: the indices of the people to keep, highest score first. Among equal scores the last
 * comes first, as in the references.
 *
 * OKS between two predictions counts every keypoint and divides by the mean of their areas. Follows `oks_nms` of
 * github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the threshold is not positive, a score is NaN, a coordinate is not finite, or the numbers of keypoints
 * and sigmas differ.
 * @example
 * const kept = oksNms(people).map((i) => people[i]!);
 */
export function oksNms(
  people: readonly ScoredPose[],
  { threshold = 0.9, sigmas = COCO.sigmas }: OksNmsOptions = {},
): number[] {
  requirePoses('oksNms', people);
  return suppressDuplicates(ranked('oksNms', people, threshold), [], similarityOf(people, sigmas), { threshold });
}

/**
 * Suppression that lowers scores in place of removing people: each kept person multiplies the scores of the remaining ones by
 * `exp(−OKS² / threshold)`. At most `maxKept` people, highest score first, with the scores that they had when they were kept.
 *
 * Follows `soft_oks_nms` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError as {@link oksNms} does.
 * @example
 * const kept = softOksNms(people).map(({ index, score }) => ({ ...people[index]!, score }));
 */
export function softOksNms(
  people: readonly ScoredPose[],
  { threshold = 0.9, sigmas = COCO.sigmas, maxKept = 20 }: OksNmsOptions & { readonly maxKept?: number } = {},
): { index: number; score: number }[] {
  const scores = people.map(({ score }) => score);
  const options = { threshold, soft: true, maxKept };
  const kept = suppressDuplicates(
    ranked('softOksNms', people, threshold),
    scores,
    similarityOf(people, sigmas),
    options,
  );
  return kept.map((index) => ({ index, score: scores[index]! }));
}

/** Indices, highest score first. */
function ranked(where: string, people: readonly ScoredPose[], threshold: number): number[] {
  if (!(threshold > 0)) throw new RangeError(`${where}: threshold must be positive. Received: ${threshold}.`);
  people.forEach(({ score, keypoints }, i) => {
    if (Number.isNaN(score)) throw new RangeError(`${where}: scores must be numbers. Received: NaN for person ${i}.`);
    if (!keypoints.xy.every(Number.isFinite)) {
      throw new RangeError(`${where}: keypoints must be finite. Received: NaN or an infinity for person ${i}.`);
    }
  });
  // The references rank by numpy's `argsort()[::-1]`: among equal scores the last comes first.
  return people.map((_, index) => index).sort((a, b) => people[b]!.score - people[a]!.score || b - a);
}

function similarityOf(people: readonly ScoredPose[], sigmas: readonly number[]): (a: number, b: number) => number {
  return (a, b) => {
    const [one, other] = [people[a]!, people[b]!];
    return predictionOks(one.keypoints.xy, other.keypoints.xy, (one.area + other.area) / 2, sigmas);
  };
}
