import type { Curves } from './accumulate';
import type { CocoParams } from './options';

/** The ten official metrics, fractions from 0 to 1; −1 where no person counts. */
export interface CocoSummary {
  /** Mean over the thresholds 0.5, 0.55 … 0.95 and the 101 recalls. */
  readonly AP: number;
  readonly AP50: number;
  readonly AP75: number;
  /** People of medium area, 32² to 96² pixels. */
  readonly APM: number;
  /** People of large area, above 96² pixels. */
  readonly APL: number;
  readonly AR: number;
  readonly AR50: number;
  readonly AR75: number;
  readonly ARM: number;
  readonly ARL: number;
}

/** The part of the curves that a mean covers. @defaultValue all, at the largest maxDets */
export interface CocoSelection {
  readonly threshold?: number;
  /** Name of an area range. @defaultValue `all` */
  readonly area?: string;
  readonly maxDets?: number;
  readonly category?: number;
}

export interface CurveDimensions {
  readonly params: CocoParams;
  readonly categories: readonly number[];
  readonly curves: Curves;
}

/**
 * Mean precision over all or the selected recalls, thresholds and categories: AP, AP50, APM and so on. −1 where no person counts.
 *
 * @example averagePrecision(evaluation, { threshold: 0.5, area: 'medium' })
 */
export function averagePrecision(of: CurveDimensions, selection: CocoSelection = {}): number {
  return meanOver(of, selection, of.curves.precision, of.params.recallThresholds.length);
}

/**
 * Mean of the highest recalls over all or the selected thresholds and categories: AR, ARM and so on. −1 where no person counts.
 *
 * @example averageRecall(evaluation, { area: 'large' })
 */
export function averageRecall(of: CurveDimensions, selection: CocoSelection = {}): number {
  return meanOver(of, selection, of.curves.recall, 1);
}

export function summarize(of: CurveDimensions): CocoSummary {
  const five = (mean: typeof averagePrecision): number[] => [
    mean(of),
    mean(of, { threshold: 0.5 }),
    mean(of, { threshold: 0.75 }),
    mean(of, { area: 'medium' }),
    mean(of, { area: 'large' }),
  ];
  const [AP, AP50, AP75, APM, APL] = five(averagePrecision) as [number, number, number, number, number];
  const [AR, AR50, AR75, ARM, ARL] = five(averageRecall) as [number, number, number, number, number];
  return { AP, AP50, AP75, APM, APL, AR, AR50, AR75, ARM, ARL };
}

/** Mean of the entries above −1, or −1 when there are none; `samples` is R for precision, 1 for recall. */
function meanOver(of: CurveDimensions, selection: CocoSelection, values: Float64Array, samples: number): number {
  const { params, categories } = of;
  const [T, K, A, M] = [params.thresholds.length, categories.length, params.areaRanges.length, params.maxDets.length];
  const area = params.areaNames.indexOf(selection.area ?? 'all');
  const dets = selection.maxDets === undefined ? M - 1 : params.maxDets.indexOf(selection.maxDets);
  if (area < 0 || dets < 0) return -1;
  let sum = 0;
  let count = 0;
  for (let t = 0; t < T; t++) {
    if (selection.threshold !== undefined && params.thresholds[t] !== selection.threshold) continue;
    for (let r = 0; r < samples; r++) {
      for (let k = 0; k < K; k++) {
        if (selection.category !== undefined && categories[k] !== selection.category) continue;
        const value = values[(((t * samples + r) * K + k) * A + area) * M + dets]!;
        if (value <= -1) continue;
        sum += value;
        count++;
      }
    }
  }
  return count === 0 ? -1 : sum / count;
}
