import type { PoseInput } from '../pose';
import { ExactSum } from '../store/exact-sum';
import type { DistanceAccumulator } from './distance-accumulator';
import { distances } from './distances';
import { firstCount } from './first-count';
import { keypointMetrics, type KeypointMetrics, type Weighting } from './keypoint-metrics';

/**
 * End-point error: the mean distance between prediction and truth, pixels.
 *
 * @param predicted N people, K keypoints each, pixels.
 * @param truth the same people in the same frame; keypoints with visibility 0 do not count.
 * @param weighting default: `count`, every labelled keypoint equally.
 * @throws RangeError when the counts differ, or a coordinate is not finite.
 * @example epe(predicted, truth).perKeypoint
 */
export function epe(
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  weighting: Weighting = 'count',
): KeypointMetrics {
  return meanDistance('epe', predicted, truth, 1, weighting);
}

/**
 * {@link epe} of an accumulator.
 *
 * @example epeOf(accumulator).mean // pixels, where the normaliser is 1
 */
export function epeOf(accumulator: DistanceAccumulator, weighting: Weighting = 'count'): KeypointMetrics {
  return keypointMetrics(accumulator.pixelSums(), accumulator.counts, weighting);
}

/**
 * Normalised mean error: the mean distance in units of the normaliser (face alignment divides by the distance between the
 * eyes: `torsoDiameters(truth, set, ['left_eye', 'right_eye'])`).
 *
 * @param normalizer one length for all, or one per person, pixels; NaN leaves a person out.
 * @param weighting default: `count`, every labelled keypoint equally.
 * @throws RangeError when the counts differ, a coordinate is not finite, or a normaliser is not positive.
 * @example nme(predicted, truth, longerSides(boxes)).mean
 */
export function nme(
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  normalizer: number | ArrayLike<number>,
  weighting: Weighting = 'count',
): KeypointMetrics {
  return meanDistance('nme', predicted, truth, normalizer, weighting);
}

/**
 * {@link nme} of an accumulator.
 *
 * @example nmeOf(accumulator).mean
 */
export function nmeOf(accumulator: DistanceAccumulator, weighting: Weighting = 'count'): KeypointMetrics {
  return keypointMetrics(accumulator.normalizedSums(), accumulator.counts, weighting);
}

/** The mean distance in units, to the last bit that of an accumulator. Without one, so that a lone import stays small. */
function meanDistance(
  where: string,
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  normalizer: number | ArrayLike<number>,
  weighting: Weighting,
): KeypointMetrics {
  const sums = Array.from({ length: firstCount(truth, where) }, () => new ExactSum());
  const counts = sums.map(() => 0);
  for (const { keypoint, pixels, unit } of distances(where, sums.length, predicted, truth, normalizer)) {
    sums[keypoint]!.add(pixels / unit);
    counts[keypoint]!++;
  }
  return keypointMetrics(
    sums.map((sum) => sum.value()),
    counts,
    weighting,
  );
}
