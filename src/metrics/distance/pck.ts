import { knownOptions } from '../../bytes';
import type { PoseInput } from '../pose';
import { countCorrect } from './count-correct';
import type { DistanceAccumulator } from './distance-accumulator';
import { keypointMetrics, type KeypointMetrics, type Weighting } from './keypoint-metrics';
import { requirePeople } from './require-people';
import { firstCount } from './first-count';

/** Options of {@link pck}. */
export interface PckOptions {
  /**
   * The unit length of distances, pixels: one for all (fixed pixels), or one per person: `longerSides(boxes)`,
   * `torsoDiameters(truth, set)`, `mpiiHeadSizes(headBoxes)` or your own. NaN leaves a person out.
   */
  readonly normalizer: number | ArrayLike<number>;
  /** Maximum distance of a correct keypoint, as a fraction of the normaliser. @defaultValue 0.2 */
  readonly threshold?: number;
  /** Weighting of the mean. @defaultValue `keypoint`: every keypoint equally */
  readonly weighting?: Weighting;
}

/**
 * Percentage of correct keypoints, as a fraction from 0 to 1: a keypoint is correct when it lies within threshold ×
 * normaliser of the truth (Yang & Ramanan, Articulated human detection with flexible mixtures of parts, 2013).
 *
 * @param predicted N people, K keypoints each, pixels.
 * @param truth the same people in the same frame; keypoints with visibility 0 do not count.
 * @throws RangeError when the counts differ, a coordinate is not finite, or a normaliser is not positive.
 * @example pck(predicted, truth, { normalizer: longerSides(boxes), threshold: 0.2 }).mean
 */
export function pck(
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  options: PckOptions,
): KeypointMetrics {
  const { normalizer, threshold = 0.2, weighting = 'keypoint' } = knownOptions('pck', options ?? {}, ['normalizer', 'threshold', 'weighting']); // prettier-ignore
  requirePeople('pck', predicted, truth, 'normalizer', normalizer);
  const found = countCorrect('pck', firstCount(truth, 'pck'), predicted, truth, normalizer, threshold);
  return keypointMetrics(found.correctAt(threshold), found.counts, weighting);
}

/**
 * PCK of an accumulator, at one of its thresholds.
 *
 * @example pckOf(accumulator, 0.2).mean // of new DistanceAccumulator({ keypoints: 17, thresholds: [0.1, 0.2] })
 */
export function pckOf(
  accumulator: DistanceAccumulator,
  threshold: number,
  weighting: Weighting = 'keypoint',
): KeypointMetrics {
  return keypointMetrics(accumulator.correctAt(threshold), accumulator.counts, weighting);
}
