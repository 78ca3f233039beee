import { cocoErrors, cocoPerKeypoint, cocoTable, type CocoEvaluation } from '../metrics';
import type { ReadEvaluation } from '../datasets/node';
import { distanceReport, type DistanceMetric, type DistanceOptions } from './eval-distances';
import type { Cell, Report } from './format';

export const reportMetrics = ['coco', 'pck', 'pckh', 'lsp', 'pdj', 'auc', 'epe', 'nme'] as const;
export type EvalMetric = 'coco' | DistanceMetric;

export interface EvalReportOptions extends Omit<DistanceOptions, 'metric'> {
  readonly metric: EvalMetric;
  readonly perKeypoint: boolean;
  readonly errors: boolean;
}

/** The command's output. */
export interface EvalResult {
  /** Named tables of rows. */
  readonly report: Report;
  /** The main metrics by name; null if no person counts. */
  readonly summary: Readonly<Record<string, number | null>>;
  /** How the metric was measured, where the options do not say it. */
  readonly notes: readonly string[];
}

export function evalReport(
  evaluation: CocoEvaluation,
  read: Pick<ReadEvaluation, 'keypointSet' | 'headSizes'>,
  options: EvalReportOptions,
): EvalResult {
  const { keypointSet } = read;
  const { metric } = options;
  const report: Record<string, readonly Readonly<Record<string, Cell>>[]> = {};
  const coco = Object.fromEntries(Object.entries(evaluation.summary).map(([name, value]) => [name, value === -1 ? null : value])); // prettier-ignore
  let [summary, notes]: [EvalResult['summary'], readonly string[]] = [coco, []];
  if (metric === 'coco') {
    report['coco'] = cocoTable(evaluation).map((row) => ({ ...row }));
    if (options.perKeypoint)
      report['keypoints'] = cocoPerKeypoint(evaluation, keypointSet.names).map((row) => ({ ...row }));
  } else {
    const distances = distanceReport(evaluation, read, { ...options, metric });
    report[metric] = distances.rows;
    if (options.perKeypoint) report['keypoints'] = distances.keypoints;
    summary = { ...distances.summary, ...coco };
    notes = distances.notes;
  }
  if (options.errors) report['errors'] = cocoErrors(evaluation, { set: keypointSet }).kinds.map((row) => ({ ...row }));
  return { report, summary, notes };
}
