import { COCO } from '../../keypoints';
import type { CocoEvaluation } from './evaluate-coco';
import { evaluateTables } from './evaluate-tables';
import { matchSelected } from './matches';
import { OksMatrix } from './oks-matrix';
import { averagePrecision, averageRecall } from './summary';

/** Metrics of one keypoint. */
export interface CocoKeypointMetrics {
  readonly name: string;
  /** Number of people that count and have it labelled. */
  readonly labelled: number;
  /** Mean similarity exp(−d²/(2·area·(2σ)²)) over people matched at the lowest threshold; NaN for none. */
  readonly oks: number;
  /** AP and AR as if no other keypoint were labelled: OKS is the similarity of this keypoint, and people without it are ignored. */
  readonly AP: number;
  readonly AP50: number;
  readonly AP75: number;
  readonly AR: number;
}

/**
 * OKS and AP of each keypoint, over people of all areas. They equal those of pycocotools on annotations where only that
 * keypoint is labelled.
 *
 * @param names names of the keypoints. Default: COCO's for 17 keypoints, otherwise their indices.
 * @example console.table(cocoPerKeypoint(evaluateAccumulator(accumulator)));
 */
export function cocoPerKeypoint(evaluation: CocoEvaluation, names?: readonly string[]): CocoKeypointMetrics[] {
  const { params, grouping, categories, reranking, accumulator } = evaluation;
  const known = names ?? (params.sigmas.length === COCO.names.length ? COCO.names : []);
  // Only the range 'all' is used, so the others are not matched.
  const all = params.areaNames.includes('all') ? params.areaNames.indexOf('all') : 0;
  const only = { ...params, areaNames: ['all'], areaRanges: [params.areaRanges[all]!] };
  const similarities = meanSimilarities(evaluation);
  return params.sigmas.map((_, k) => {
    const { curves, matches } = evaluateTables(accumulator.tables, only, { ...reranking, grouping, onlyKeypoint: k });
    const of = { params: only, categories, curves };
    return {
      name: known[k] ?? String(k),
      labelled: matches.counted.reduce((sum, count) => sum + count, 0),
      oks: similarities[k]!,
      AP: averagePrecision(of),
      AP50: averagePrecision(of, { threshold: 0.5 }),
      AP75: averagePrecision(of, { threshold: 0.75 }),
      AR: averageRecall(of),
    };
  });
}

function meanSimilarities(evaluation: CocoEvaluation): number[] {
  const { params, grouping, accumulator } = evaluation;
  const { people } = accumulator.tables;
  const { matches, met } = matchSelected(evaluation, {}, 'cocoPerKeypoint');
  const pairs = grouping.detections.order.filter((d) => matches.hits[0]![d] === 1);
  return params.sigmas.map((_, k) => {
    const matrix = new OksMatrix(accumulator.tables, params.sigmas, { only: k });
    const having = pairs.filter((d) => people.keypoints.row(met[d]!)[3 * k + 2]! > 0);
    const sum = having.reduce((total, d) => total + matrix.pair(d, met[d]!), 0);
    return having.length === 0 ? NaN : sum / having.length;
  });
}
