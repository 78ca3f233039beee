import { COCO, type Keypoints } from '../keypoints';
import { oks } from '../metrics';

/** A person found in an image, as suppression sees it. */
export interface ScoredPose {
  readonly keypoints: Keypoints<'image'>;
  /** Of the person: see {@link rescore}. */
  readonly score: number;
  /** Square pixels; the reference takes the padded box: `size[0] · size[1]` of `boxRegion`. */
  readonly area: number;
}

export interface OksNmsOptions {
  /** Hard: a person goes when its OKS with a kept one is above this. Soft: t in the decay exp(−OKS² / t). Default 0.9. */
  readonly threshold?: number;
  /** OKS standard deviation of each keypoint. Default: COCO's 17. */
  readonly sigmas?: readonly number[];
}

/**
 * A person's score from the box's and the keypoints': `boxScore · mean of keypoint scores above visibleThreshold`, 0 if
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
  const visible = score.filter((value) => value > visibleThreshold);
  return visible.length === 0 ? 0 : (boxScore * visible.reduce((a, b) => a + b, 0)) / visible.length;
}

/**
 * Greedy suppression of duplicates in one image: the indices of the people to keep, highest score first.
 *
 * OKS between two predictions counts every keypoint and divides by the mean of their areas. Follows `oks_nms` of
 * github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the threshold is not positive, a score is NaN, or counts of keypoints and sigmas differ.
 * @example
 * const kept = oksNms(people).map((i) => people[i]!);
 */
export function oksNms(
  people: readonly ScoredPose[],
  { threshold = 0.9, sigmas = COCO.sigmas }: OksNmsOptions = {},
): number[] {
  let rest = ranked('oksNms', people, threshold);
  const kept: number[] = [];
  for (let best = rest[0]; best; best = rest[0]) {
    const { index } = best;
    kept.push(index);
    rest = rest.slice(1).filter((other) => !(similarity(people[index]!, people[other.index]!, sigmas) > threshold));
  }
  return kept;
}

/**
 * Suppression that lowers scores instead of removing people: each kept person multiplies the scores of those left by
 * `exp(−OKS² / threshold)`. At most `maxKept` people, highest score first, with the scores they had when they were kept.
 *
 * Follows `soft_oks_nms` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError as {@link oksNms}.
 * @example
 * const kept = softOksNms(people).map(({ index, score }) => ({ ...people[index]!, score }));
 */
export function softOksNms(
  people: readonly ScoredPose[],
  { threshold = 0.9, sigmas = COCO.sigmas, maxKept = 20 }: OksNmsOptions & { readonly maxKept?: number } = {},
): { index: number; score: number }[] {
  let rest = ranked('softOksNms', people, threshold);
  const kept: { index: number; score: number }[] = [];
  for (let best = rest[0]; best && kept.length < maxKept; best = rest[0]) {
    const { index } = best;
    kept.push(best);
    const decayed = rest.slice(1).map((other) => {
      const overlap = similarity(people[index]!, people[other.index]!, sigmas);
      return { index: other.index, score: other.score * Math.exp(-(overlap ** 2) / threshold) };
    });
    rest = decayed.sort((a, b) => b.score - a.score);
  }
  return kept;
}

function ranked(where: string, people: readonly ScoredPose[], threshold: number): { index: number; score: number }[] {
  if (!(threshold > 0)) throw new RangeError(`${where}: threshold must be positive. Received: ${threshold}.`);
  people.forEach(({ score }, i) => {
    if (Number.isNaN(score)) throw new RangeError(`${where}: scores must be numbers. Received: NaN for person ${i}.`);
  });
  return people.map(({ score }, index) => ({ index, score })).sort((a, b) => b.score - a.score);
}

function similarity(a: ScoredPose, b: ScoredPose, sigmas: readonly number[]): number {
  const everyKeypoint = new Float32Array(b.keypoints.score.length).fill(1);
  const area = (a.area + b.area) / 2;
  return oks(a.keypoints, { xy: b.keypoints.xy, score: everyKeypoint }, { area, sigmas });
}
