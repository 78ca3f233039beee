import { COCO, LSP, MPII, type KeypointSet } from '../keypoints';
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
  torsoDiameters,
  type CocoEvaluation,
  type CocoPairs,
  type KeypointFigures,
} from '../metrics';
import type { Cell, Report } from './format';

export const reportMetrics = ['coco', 'pck', 'pdj', 'auc', 'epe', 'nme'] as const;

export interface EvalReportOptions {
  readonly metric: (typeof reportMetrics)[number];
  readonly threshold?: number;
  /** `box`, `torso`, two keypoints `NAME,NAME`, or pixels. */
  readonly normalizer: string;
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
    const { figures, people, met } = distanceFigures(evaluation, { ...options, metric: options.metric });
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
  options: EvalReportOptions & { readonly metric: Exclude<EvalReportOptions['metric'], 'coco'> },
): { figures: KeypointFigures; people: number; met: number } {
  const { metric, threshold } = options;
  const pairs = cocoPairs(evaluation);
  const { predicted, truth, people } = pairs;
  if (truth.length === 0)
    throw new Error(`eval: --metric ${metric} needs a detection that met a person. Received: none.`);
  const atMost = threshold === undefined ? {} : { threshold };
  const unit = (name = options.normalizer): number | number[] => normalizerOf(name, pairs);
  const figures = {
    pck: () => pck(predicted, truth, { normalizer: unit(), ...atMost }),
    pdj: () => pck(predicted, truth, { normalizer: unit('torso'), ...atMost }),
    auc: () => auc(predicted, truth, { normalizer: unit(), ...(threshold === undefined ? {} : { max: threshold }) }),
    epe: () => epe(predicted, truth),
    nme: () => nme(predicted, truth, unit()),
  }[metric]();
  return { figures, people, met: truth.length };
}

/** The length that distances are measured in, of each person. */
function normalizerOf(name: string, { truth, boxes }: CocoPairs): number | number[] {
  if (name === 'box') return longerSides(boxes);
  const pixels = Number(name);
  if (name.trim() !== '' && pixels > 0 && pixels < Infinity) return pixels;
  const count = truth[0]!.score.length;
  const set = setOf(count);
  const between = name === 'torso' ? (['left_shoulder', 'right_hip'] as const) : name.split(',');
  const [from, to, ...more] = between;
  if (from === undefined || to === undefined || more.length > 0) {
    throw new Error(`eval: --normalizer must be box, torso, NAME,NAME or pixels. Received: ${name}.`);
  }
  if (!set) throw new Error(`eval: --normalizer ${name} needs the keypoints of coco, mpii or lsp. Received: ${count}.`);
  return torsoDiameters(truth, set, [from, to]);
}

function namesOf(count: number): readonly string[] {
  return setOf(count)?.names ?? Array.from({ length: count }, (_, k) => String(k));
}

function setOf(count: number): KeypointSet | undefined {
  return [COCO, MPII, LSP].find(({ names }) => names.length === count);
}
