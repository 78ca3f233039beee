import { COCO, LSP, MPII } from '../keypoints';
import {
  auc,
  cocoErrors,
  cocoPairs,
  cocoPerKeypoint,
  cocoTable,
  epe,
  longerSides,
  nme,
  pck,
  type CocoEvaluation,
  type KeypointFigures,
} from '../metrics';
import type { Cell, Report } from './format';

export const reportMetrics = ['coco', 'pck', 'auc', 'epe', 'nme'] as const;

export interface EvalReportOptions {
  readonly metric: (typeof reportMetrics)[number];
  readonly threshold?: number;
  readonly perKeypoint: boolean;
  readonly errors: boolean;
}

/** What the command shows: named tables of rows. */
export function evalReport(evaluation: CocoEvaluation, options: EvalReportOptions): Report {
  const names = namesOf(evaluation.params.sigmas.length);
  const report: Record<string, readonly Readonly<Record<string, Cell>>[]> = {};
  if (options.metric === 'coco') {
    report['coco'] = cocoTable(evaluation).map((row) => ({ ...row }));
    if (options.perKeypoint) report['keypoints'] = cocoPerKeypoint(evaluation, names).map((row) => ({ ...row }));
  } else {
    const { figures, people, met } = distanceFigures(evaluation, options.metric, options.threshold);
    const { metric } = options;
    report[metric] = [{ metric, mean: figures.mean, weighting: figures.weighting, people, met }];
    if (options.perKeypoint) {
      report['keypoints'] = names.map((name, k) => ({
        name,
        labelled: figures.counts[k]!,
        [metric]: figures.perKeypoint[k]!,
      }));
    }
  }
  if (options.errors) report['errors'] = cocoErrors(evaluation).kinds.map((row) => ({ ...row }));
  return report;
}

function distanceFigures(
  evaluation: CocoEvaluation,
  metric: Exclude<EvalReportOptions['metric'], 'coco'>,
  threshold?: number,
): { figures: KeypointFigures; people: number; met: number } {
  const { predicted, truth, boxes, people } = cocoPairs(evaluation);
  if (truth.length === 0)
    throw new Error(`eval: --metric ${metric} needs a detection that met a person. Received: none.`);
  const normalizer = longerSides(boxes);
  const figures = {
    pck: () => pck(predicted, truth, { normalizer, ...(threshold === undefined ? {} : { threshold }) }),
    auc: () => auc(predicted, truth, { normalizer, ...(threshold === undefined ? {} : { max: threshold }) }),
    epe: () => epe(predicted, truth),
    nme: () => nme(predicted, truth, normalizer),
  }[metric]();
  return { figures, people, met: truth.length };
}

function namesOf(count: number): readonly string[] {
  const set = [COCO, MPII, LSP].find(({ names }) => names.length === count);
  return set?.names ?? Array.from({ length: count }, (_, k) => String(k));
}
