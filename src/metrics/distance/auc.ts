import type { PoseInput } from '../pose';
import { countCorrect, type CorrectCounts } from './count-correct';
import type { DistanceAccumulator } from './distance-accumulator';
import { firstCount } from './first-count';
import { keypointMetrics, type KeypointMetrics, type Weighting } from './keypoint-metrics';

/** Options of {@link auc}. */
export interface AucOptions {
  /** The unit length of distances, pixels; see `pck`. */
  readonly normalizer: number | ArrayLike<number>;
  /** The curve runs from 0 to this threshold. @defaultValue 0.5 */
  readonly max?: number;
  /** Number of equal steps of the curve. @defaultValue 50 */
  readonly steps?: number;
  /** Weighting of the mean. @defaultValue `keypoint` */
  readonly weighting?: Weighting;
  /**
   * How the area is computed: `trapezoid`, or `left`, the value at each threshold up to the next, as in MMPose's `keypoint_auc`
   * (with `steps: 20`), which excludes `max` itself. @defaultValue 'trapezoid'
   */
  readonly rule?: AucRule;
}

/** See {@link AucOptions.rule}. */
export type AucRule = 'trapezoid' | 'left';

/**
 * Area under the PCK curve over thresholds 0 … max, by the trapezoid rule or the left sum, divided by max: a fraction from 0 to 1.
 *
 * @param predicted N people, K keypoints each, pixels.
 * @param truth the same people in the same frame; keypoints with visibility 0 do not count.
 * @throws RangeError when the counts differ, a coordinate is not finite, or a normaliser is not positive.
 * @example auc(predicted, truth, { normalizer: mpiiHeadSizes(headBoxes), max: 0.5 }).mean
 */
export function auc(
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  { normalizer, max = 0.5, steps = 50, weighting = 'keypoint', rule = 'trapezoid' }: AucOptions,
): KeypointMetrics {
  if (!(max > 0 && Number.isSafeInteger(steps) && steps > 0)) {
    throw new RangeError(`auc: max and steps must be positive, steps an integer. Received: ${max} and ${steps}.`);
  }
  if (rule !== 'trapezoid' && rule !== 'left') {
    throw new RangeError(`auc: rule must be 'trapezoid' or 'left'. Received: ${String(rule)}.`);
  }
  const thresholds = Array.from({ length: steps + 1 }, (_, i) => (max * i) / steps);
  const found = countCorrect('auc', firstCount(truth, 'auc'), predicted, truth, normalizer, max);
  return areaUnder({ thresholds, ...found }, weighting, rule);
}

/**
 * {@link auc} of an accumulator, over all its thresholds, which must ascend.
 *
 * @throws RangeError when there are fewer than two thresholds or they do not ascend.
 * @example aucOf(accumulator).mean
 */
export function aucOf(
  accumulator: DistanceAccumulator,
  weighting: Weighting = 'keypoint',
  rule: AucRule = 'trapezoid',
): KeypointMetrics {
  const { thresholds } = accumulator;
  const span = thresholds[thresholds.length - 1]! - thresholds[0]!;
  if (!(span > 0) || thresholds.some((t, i) => i > 0 && !(t > thresholds[i - 1]!))) {
    throw new RangeError(`aucOf: thresholds must be at least two and ascend. Received: ${thresholds.join(', ')}.`);
  }
  return areaUnder(accumulator, weighting, rule);
}

function areaUnder(
  curve: CorrectCounts & { readonly thresholds: readonly number[] },
  weighting: Weighting,
  rule: AucRule,
): KeypointMetrics {
  const { thresholds, counts } = curve;
  const span = thresholds[thresholds.length - 1]! - thresholds[0]!;
  const areas = counts.map(() => 0);
  thresholds.forEach((threshold, i) => {
    const before = i > 0 ? threshold - thresholds[i - 1]! : 0;
    const after = i + 1 < thresholds.length ? thresholds[i + 1]! - threshold : 0;
    const share = (rule === 'left' ? after : (before + after) / 2) / span;
    curve.correctAt(threshold).forEach((correct, k) => (areas[k]! += share * correct));
  });
  return keypointMetrics(areas, counts, weighting);
}
