import type { PoseInput } from '../pose';
import { distances } from './distances';

/** Numbers of labelled and of correct keypoints: what PCK needs of a `DistanceAccumulator`. */
export interface CorrectCounts {
  readonly counts: readonly number[];
  correctAt(threshold: number): readonly number[];
}

/**
 * The counts of one call. Without an accumulator, so that a lone import of `pck` or `pckh` does not hold its sums and its JSON.
 *
 * @throws RangeError when a threshold is negative or not finite, or as `distances` does.
 */
export function countCorrect(
  where: string,
  keypoints: number,
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  normalizer: number | ArrayLike<number>,
  threshold: number,
): CorrectCounts {
  if (!(threshold >= 0 && threshold < Infinity)) {
    throw new RangeError(`${where}: threshold must be at least 0. Received: ${threshold}.`);
  }
  const all = distances(where, keypoints, predicted, truth, normalizer);
  const correctAt = (most: number): number[] => {
    const correct = new Array<number>(keypoints).fill(0);
    for (const { keypoint, pixels, unit } of all) if (pixels / unit <= most) correct[keypoint]!++;
    return correct;
  };
  return { counts: correctAt(Infinity), correctAt };
}
