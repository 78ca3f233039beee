import type { ReadEvaluation } from '../datasets/node';
import { MPII, type Keypoints, type KeypointSet } from '../keypoints';
import {
  auc,
  cocoPairs,
  epe,
  longerSides,
  nme,
  pck,
  pckh,
  torsoDiameters,
  torsoPck,
  type CocoEvaluation,
  type CocoPairs,
  type PoseLike,
} from '../metrics';
import type { Cell } from './format';

export type DistanceMetric = 'pck' | 'pckh' | 'lsp' | 'pdj' | 'auc' | 'epe' | 'nme';

type Row = Readonly<Record<string, Cell>>;
interface DistanceReport {
  readonly rows: readonly Row[];
  readonly keypoints: readonly Row[];
  readonly summary: Readonly<Record<string, number | null>>;
  readonly notes: readonly string[];
}

export interface DistanceOptions {
  readonly metric: DistanceMetric;
  readonly threshold?: number;
  /** `box`, `torso`, two keypoints `NAME,NAME`, or pixels. */
  readonly normalizer: string;
  /** The people that a detection matches, or all, where people without a detection count as wrong. @defaultValue `met`; of PCKh and LSP `all` */
  readonly of?: 'met' | 'all';
}

type Read = Pick<ReadEvaluation, 'keypointSet' | 'headSizes'>;

/** Distances of predictions to people: PCK in its protocols, AUC, EPE, NME. */
export function distanceReport(evaluation: CocoEvaluation, read: Read, options: DistanceOptions): DistanceReport {
  const { metric } = options;
  const of = options.of ?? (metric === 'pckh' || metric === 'lsp' ? 'all' : 'met');
  if (of === 'all' && (metric === 'epe' || metric === 'nme'))
    throw new Error(`eval: --of all works with metrics of correct keypoints only, because a missed person has no distance. Received: --metric ${metric}.`); // prettier-ignore
  const pairs = cocoPairs(evaluation, of === 'all' ? { threshold: 0, unmatched: true } : {});
  if (pairs.truth.length === 0)
    throw new Error(`eval: --metric ${metric} needs ${of === 'all' ? 'a person' : 'a detection that matches a person'}. Received: none.`); // prettier-ignore
  const counts = { people: pairs.people, ...(of === 'met' && { met: pairs.truth.length }) };
  if (metric === 'pckh') return headReport(pairs, read, counts, options.threshold);
  if (metric === 'lsp') return leedsReport(pairs, read.keypointSet, counts, options.threshold);
  const { predicted, truth } = pairs;
  const unit = (name = options.normalizer): number | number[] => normalizerOf(name, pairs, read.keypointSet);
  const atMost = options.threshold === undefined ? {} : { threshold: options.threshold };
  const result = {
    pck: () => pck(predicted, truth, { normalizer: unit(), ...atMost }),
    pdj: () => pck(predicted, truth, { normalizer: unit('torso'), ...atMost }),
    auc: () => auc(predicted, truth, { normalizer: unit(), ...(options.threshold !== undefined && { max: options.threshold }) }), // prettier-ignore
    epe: () => epe(predicted, truth),
    nme: () => nme(predicted, truth, unit()),
  }[metric]();
  return {
    rows: [{ metric, mean: result.mean, weighting: result.weighting, ...counts }],
    keypoints: keypointRows(metric, read.keypointSet, result),
    summary: { [metric.toUpperCase()]: orNull(result.mean) },
    notes: [],
  };
}

/** MPII's PCKh with its groups for MPII's keypoints; otherwise PCK relative to the head's length. In percent. */
function headReport(pairs: CocoPairs, { keypointSet, headSizes }: Read, counts: Row, threshold = 0.5): DistanceReport {
  const { predicted, truth, annotationIds } = pairs;
  const boxes = annotationIds.map((id) => headSizes.get(id) ?? NaN);
  const hasBoxes = boxes.some((size) => !Number.isNaN(size));
  const [headSize, from] = hasBoxes ? [boxes, '0.6 of the diagonal of MPII’s head box'] : headLengths(truth, keypointSet); // prettier-ignore
  const known = headSize.flatMap((size, n) => (Number.isNaN(size) ? [] : [n]));
  if (known.length === 0)
    throw new Error('eval: --metric pckh needs a person whose head has a size: a head box, or both ends labelled. Received: none.'); // prettier-ignore
  const pick = <T>(list: readonly T[]): T[] => known.map((n) => list[n]!);
  const isMpii = keypointSet.names.every((name, k) => name === MPII.names[k]) && keypointSet.names.length === MPII.names.length; // prettier-ignore
  const notes = [`Head size: ${from}; ${known.length} of ${truth.length} people have one.`];
  if (isMpii) {
    const result = pckh(pick(predicted), pick(truth), { headSize: pick(headSize), threshold });
    return {
      rows: [{ metric: 'pckh', mean: result.mean, ...result.groups, weighting: 'count', ...counts }],
      keypoints: keypointRows('pckh', keypointSet, result),
      summary: { PCKh: orNull(result.mean) },
      notes,
    };
  }
  const result = pck(pick(predicted), pick(truth), { normalizer: pick(headSize), threshold, weighting: 'count' });
  const percent = {
    ...result,
    mean: 100 * result.mean,
    perKeypoint: result.perKeypoint.map((value) => 100 * value),
  };
  return {
    rows: [{ metric: 'pckh', mean: percent.mean, weighting: 'count', ...counts }],
    keypoints: keypointRows('pckh', keypointSet, percent),
    summary: { PCKh: orNull(percent.mean) },
    notes,
  };
}

function headLengths(truth: readonly PoseLike[], set: KeypointSet): [number[], string] {
  const neck = ['upper_neck', 'neck', 'thorax'].find((name) => set.names.includes(name));
  if (!set.names.includes('head_top') || neck === undefined)
    throw new Error(`eval: --metric pckh needs head boxes, which MPII's MATLAB file has, or the keypoints head_top and upper_neck, neck or thorax. Received: ${set.names.join(', ')}. --metric pck --normalizer NAME,NAME uses the distance between any two keypoints as the unit.`); // prettier-ignore
  return [torsoDiameters(truth, set, ['head_top', neck]), `from head_top to ${neck}, because there are no head boxes`];
}

/** PCK at 0.2 of the torso, the protocol of Leeds Sports Poses, with the person's sides and with the observer's. */
function leedsReport(pairs: CocoPairs, set: KeypointSet, counts: Row, threshold = 0.2): DistanceReport {
  const missing = ['left_shoulder', 'right_hip'].filter((name) => !set.names.includes(name));
  if (missing.length > 0)
    throw new Error(`eval: --metric lsp needs the keypoints left_shoulder and right_hip. Received: ${set.names.join(', ')}.`); // prettier-ignore
  const keypoints = ({ xy, score }: PoseLike): Keypoints<'image'> => ({ frame: 'image', xy: Float32Array.from(xy), score: Float32Array.from(score) }); // prettier-ignore
  const [predicted, truth] = [pairs.predicted.map(keypoints), pairs.truth.map(keypoints)];
  const options = { keypointSet: set, threshold };
  const person = torsoPck(predicted, truth, { ...options, centric: 'person' });
  const observer = torsoPck(predicted, truth, { ...options, centric: 'observer' });
  const row = (centric: string, { mean, paired, people }: typeof person): Row => ({ metric: 'pck', centric, mean, ...paired, ...counts, 'with torso': people }); // prettier-ignore
  return {
    rows: [row('person', person), row('observer', observer)],
    keypoints: keypointRows('pck', set, person),
    summary: { PCK: orNull(person.mean), 'PCK-OC': orNull(observer.mean) },
    notes: [],
  };
}

const keypointRows = (
  metric: string,
  { names }: KeypointSet,
  { counts, perKeypoint }: { readonly counts: readonly number[]; readonly perKeypoint: readonly number[] },
): Row[] => names.map((name, k) => ({ name, labelled: counts[k]!, [metric]: perKeypoint[k]! }));

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** The length by which distances are divided, for each person. */
function normalizerOf(name: string, { truth, boxes }: CocoPairs, set: KeypointSet): number | number[] {
  if (name === 'box') return longerSides(boxes);
  const pixels = Number(name);
  if (name.trim() !== '' && pixels > 0 && pixels < Infinity) return pixels;
  const between = name === 'torso' ? (['left_shoulder', 'right_hip'] as const) : name.split(',');
  const [from, to, ...more] = between;
  if (from === undefined || to === undefined || more.length > 0)
    throw new Error(`eval: --normalizer must be box, torso, NAME,NAME or pixels. Received: ${name}.`);
  return torsoDiameters(truth, set, [from, to]);
}
