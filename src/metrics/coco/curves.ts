import type { CocoEvaluation } from './evaluate-coco';
import type { CocoSelection } from './summary';

/** A precision–recall curve: three arrays of equal length, ready to draw. */
export interface PrecisionRecallCurve {
  /** The recall thresholds at which the curve is sampled. */
  readonly recall: readonly number[];
  /** The highest precision at that recall or above. */
  readonly precision: readonly number[];
  /** The score at which that recall is reached, 0 where it is never reached. */
  readonly score: readonly number[];
}

/**
 * The interpolated precision–recall curve; the mean of its precision is the AP of the same selection.
 *
 * @param selection threshold (default: the lowest), area range (`all`), maxDets (the largest) and category (all:
 *   the mean over categories that have people).
 * @returns empty arrays where no person counts.
 * @throws RangeError when the evaluation has no such threshold, range, maxDets or category.
 * @example
 * const { recall, precision } = precisionRecall(evaluation, { threshold: 0.5 });
 * const svg = curvesSvg([{ name: 'OKS 0.5', x: recall, y: precision, steps: true }]);
 */
export function precisionRecall(evaluation: CocoEvaluation, selection: CocoSelection = {}): PrecisionRecallCurve {
  const { params, categories, curves } = evaluation;
  const { recallThresholds } = params;
  const [R, K, A, M] = [recallThresholds.length, categories.length, params.areaRanges.length, params.maxDets.length];
  // COCO's own thresholds are sums of 0.05, of which the ninth is 0.8999999999999999.
  const wanted = selection.threshold ?? params.thresholds[0]!;
  const t = params.thresholds.findIndex((threshold) => Math.abs(threshold - wanted) < 1e-9);
  const a = params.areaNames.indexOf(
    selection.area ?? (params.areaNames.includes('all') ? 'all' : params.areaNames[0]!),
  );
  const m = params.maxDets.indexOf(selection.maxDets ?? params.maxDets[M - 1]!);
  const chosen = selection.category === undefined ? categories : categories.filter((id) => id === selection.category);
  if (t < 0 || a < 0 || m < 0 || (selection.category !== undefined && chosen.length === 0)) {
    throw new RangeError(
      `precisionRecall: the selection must name evaluated values. Received: ${JSON.stringify(selection)}; there are thresholds ${params.thresholds.join(', ')}, areas ${params.areaNames.join(', ')}, maxDets ${params.maxDets.join(', ')}, categories ${categories.join(', ')}.`,
    );
  }
  const at = (r: number, category: number): number =>
    (((t * R + r) * K + categories.indexOf(category)) * A + a) * M + m;
  const present = chosen.filter((category) => curves.precision[at(0, category)]! > -1);
  if (present.length === 0) return { recall: [], precision: [], score: [] };
  const mean = (values: Float64Array, r: number): number =>
    present.reduce((sum, category) => sum + values[at(r, category)]!, 0) / present.length;
  return {
    recall: recallThresholds,
    precision: recallThresholds.map((_, r) => mean(curves.precision, r)),
    score: recallThresholds.map((_, r) => mean(curves.scores, r)),
  };
}
