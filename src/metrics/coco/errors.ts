import type { KeypointSet } from '../../keypoints';
import { classifyKeypoints, keypointErrorKinds, type KeypointErrorKind } from './classify-keypoints';
import { DetectionTable } from './detection-table';
import type { CocoEvaluation } from './evaluate-coco';
import { evaluateTables, type CocoTables } from './evaluate-tables';
import { UNRANKED } from './match';
import { knownSetOf } from './known-set';
import { isRequired, matchSelected } from './matches';
import { averagePrecision } from './summary';

/** Errors of one kind. */
export interface CocoErrorKind {
  /** A kind of keypoint error, or `missed` people, or `spurious` detections. */
  readonly kind: KeypointErrorKind | 'missed' | 'spurious';
  /** Number of keypoints, people or detections. */
  readonly count: number;
  /** Fraction of all compared keypoints, of all people, or of all detections that count. */
  readonly share: number;
  /** AP with only this kind corrected, minus the actual AP: the cost of the kind. */
  readonly cost: number;
}

/** The errors of an evaluation. */
export interface CocoErrors {
  readonly AP: number;
  readonly kinds: readonly CocoErrorKind[];
  /** Counts of each kind per keypoint. */
  readonly perKeypoint: readonly Readonly<Record<KeypointErrorKind | 'good', number>>[];
}

/** Options of {@link cocoErrors}. */
export interface CocoErrorsOptions {
  /** OKS from which a detection is attributed to a person. @defaultValue 0.1, low so that gross errors are included */
  readonly matchThreshold?: number;
  /** The keypoint set, for its flip pairs. @defaultValue the known set with that number of keypoints */
  readonly set?: KeypointSet;
}

/**
 * The errors of an evaluation and the AP that each kind costs, after Ronchi & Perona, Benchmarking and error diagnosis in
 * multi-instance pose estimation, 2017 (https://arxiv.org/abs/1707.05388). Each keypoint of a matched detection
 * is classified by its similarity exp(−d²/(2·area·(2σ)²)) to the truth:
 *
 * - good, from 0.85, or `jitter`, from 0.5; otherwise, where it reaches 0.5 with another keypoint's position,
 * - `inversion`: of the same person's other side,
 * - `swap`: of the same keypoint, or its other side, of another person in the image,
 * - `miss`: of none.
 *
 * Costs are computed by evaluating again with the keypoints of one kind moved to the truth, missed people not required, or
 * spurious detections left out. (coco-analyze moves keypoints to a random position that counts as good, so its results differ slightly.)
 *
 * @example console.table(cocoErrors(evaluateAccumulator(accumulator)).kinds);
 */
export function cocoErrors(evaluation: CocoEvaluation, options: CocoErrorsOptions = {}): CocoErrors {
  const { params, grouping, categories, reranking, accumulator } = evaluation;
  const { tables } = accumulator;
  const set = options.set ?? knownSetOf(params.sigmas.length);
  const { matches, met } = matchSelected(evaluation, { threshold: options.matchThreshold ?? 0.1 }, 'cocoErrors');
  const hits = grouping.detections.order.filter((d) => matches.hits[0]![d] === 1);
  const errors = classifyKeypoints({
    tables,
    grouping,
    hits,
    met,
    sigmas: params.sigmas,
    flipPairs: set?.flipPairs ?? [],
  });

  const all = params.areaNames.includes('all') ? params.areaNames.indexOf('all') : 0;
  const single = { ...params, areaNames: ['all'], areaRanges: [params.areaRanges[all]!] };
  const precisionOf = (changed: CocoTables, kept: Uint8Array | null = reranking?.kept ?? null): number => {
    const scores = reranking ? { scores: reranking.scores } : {};
    return averagePrecision({
      params: single,
      categories,
      curves: evaluateTables(changed, single, { ...scores, kept }).curves,
    });
  };
  const AP = precisionOf(tables);
  const compared = errors.counts.good + keypointErrorKinds.reduce((sum, kind) => sum + errors.counts[kind], 0);
  const kinds: CocoErrorKind[] = keypointErrorKinds.map((kind) => ({
    kind,
    count: errors.counts[kind],
    share: errors.counts[kind] / (compared || 1),
    cost: precisionOf({ ...tables, detections: corrected(tables, errors.kindOf, kind, met) }) - AP,
  }));

  const found = new Set(Array.from(hits, (d) => met[d]!));
  const missed = evaluation.grouping.people.order.filter(
    (person) => isRequired(evaluation, person) && !found.has(person),
  );
  const missedSet = new Set(missed);
  const people = missed.length + found.size;
  const ranked = grouping.detections.order.filter((d) => matches.ranks[d] !== UNRANKED && matches.ignored[0]![d] === 0);
  const spurious = ranked.filter((d) => matches.hits[0]![d] === 0);
  const kept = reranking?.kept?.slice() ?? new Uint8Array(tables.detections.length).fill(1);
  for (const d of spurious) kept[d] = 0;
  kinds.push(
    {
      kind: 'missed',
      count: missed.length,
      share: missed.length / (people || 1),
      cost: precisionOf({ ...tables, people: tables.people.ignoring((person) => missedSet.has(person)) }) - AP,
    },
    {
      kind: 'spurious',
      count: spurious.length,
      share: spurious.length / (ranked.length || 1),
      cost: precisionOf(tables, kept) - AP,
    },
  );
  return { AP, kinds, perKeypoint: errors.perKeypoint };
}

/** The detections with the keypoints of one kind moved to the truth; extents are unchanged, since people keep their size. */
function corrected(
  { people, detections }: CocoTables,
  kindOf: (detection: number, keypoint: number) => KeypointErrorKind | 'good' | null,
  kind: KeypointErrorKind,
  met: Int32Array,
): DetectionTable {
  const keypoints = detections.xy.width / 2;
  const copy = new DetectionTable(keypoints, false);
  copy.merge(detections);
  for (let d = 0; d < detections.length; d++) {
    if (met[d]! < 0) continue;
    const truth = people.keypoints.row(met[d]!);
    const xy = copy.xy.row(d);
    for (let k = 0; k < keypoints; k++) {
      if (kindOf(d, k) === kind) xy.set([truth[3 * k]!, truth[3 * k + 1]!], 2 * k);
    }
  }
  return copy;
}
