/** How a mean over keypoints weighs them: `keypoint`: equally; `count`: by the number of labelled instances. */
export type Weighting = 'keypoint' | 'count';

/** A metric per keypoint and its mean. */
export interface KeypointMetrics {
  /** NaN when no keypoint is labelled. */
  readonly mean: number;
  readonly weighting: Weighting;
  /** NaN where a keypoint is never labelled; the mean excludes such keypoints. */
  readonly perKeypoint: readonly number[];
  /** Labelled instances of each keypoint. */
  readonly counts: readonly number[];
}

/** The metric from a sum and a count of each keypoint. */
export function keypointMetrics(
  sums: readonly number[],
  counts: readonly number[],
  weighting: Weighting,
): KeypointMetrics {
  const perKeypoint = sums.map((sum, k) => (counts[k]! > 0 ? sum / counts[k]! : NaN));
  const weights = counts.map((count) => (weighting === 'count' ? count : Math.min(count, 1)));
  const total = weights.reduce((a, b) => a + b, 0);
  const weighted = perKeypoint.reduce((sum, value, k) => (weights[k]! > 0 ? sum + value * weights[k]! : sum), 0);
  return { mean: total > 0 ? weighted / total : NaN, weighting, perKeypoint, counts: [...counts] };
}
