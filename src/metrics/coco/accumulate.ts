import type { Grouping } from './grouping';
import { IGNORED, TRUE_POSITIVE, UNRANKED, type Matches } from './match';
import type { CocoParams } from './options';

/** Precision and recall as COCOeval.accumulate lays them out; −1 where a category has no people in a range. */
export interface Curves {
  /** `[thresholds, recallThresholds, categories, areas, maxDets]`, row-major. */
  readonly precision: Float64Array;
  /** Score at which each of `precision` is reached; same layout. */
  readonly scores: Float64Array;
  /** `[thresholds, categories, areas, maxDets]`, row-major. */
  readonly recall: Float64Array;
}

export function accumulate(
  params: CocoParams,
  grouping: Grouping,
  matches: Matches,
  scores: Float64Array,
  categoryOf: (detection: number) => number,
): Curves {
  const [T, R, K] = [params.thresholds.length, params.recallThresholds.length, grouping.categories.length];
  const [A, M] = [params.areaRanges.length, params.maxDets.length];
  const curves: Curves = {
    precision: new Float64Array(T * R * K * A * M).fill(-1),
    scores: new Float64Array(T * R * K * A * M).fill(-1),
    recall: new Float64Array(T * K * A * M).fill(-1),
  };
  const lists = rankedLists(grouping, matches, K, categoryOf);
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const scratch: Scratch = { envelope: new Float64Array(longest), positions: new Uint32Array(longest) };
  for (let k = 0; k < K; k++) {
    if (matches.present[k] === 0) continue;
    for (let m = 0; m < M; m++) {
      const limit = params.maxDets[m]!;
      const list = limit === params.maxDets[M - 1] ? lists[k]! : lists[k]!.filter((d) => matches.ranks[d]! < limit);
      for (let a = 0; a < A; a++) {
        const people = matches.counted[k * A + a]!;
        if (people === 0) continue;
        for (let t = 0; t < T; t++) {
          const sampled = sampleCurve(
            list,
            matches.outcomes[a * T + t]!,
            scores,
            people,
            params.recallThresholds,
            scratch,
          );
          curves.recall[((t * K + k) * A + a) * M + m] = sampled.recall;
          for (let r = 0; r < R; r++) {
            const at = (((t * R + r) * K + k) * A + a) * M + m;
            curves.precision[at] = sampled.precision[r]!;
            curves.scores[at] = sampled.scores[r]!;
          }
        }
      }
    }
  }
  return curves;
}

/** The detections of each category that were looked at, highest score first. */
function rankedLists(
  { ranking }: Grouping,
  { ranks }: Matches,
  categories: number,
  categoryOf: (detection: number) => number,
): Uint32Array[] {
  if (categories === 1) return [ranking.filter((d) => ranks[d] !== UNRANKED)];
  const lists: number[][] = Array.from({ length: categories }, () => []);
  for (const detection of ranking) if (ranks[detection] !== UNRANKED) lists[categoryOf(detection)]!.push(detection);
  return lists.map((list) => Uint32Array.from(list));
}

interface Scratch {
  readonly envelope: Float64Array;
  readonly positions: Uint32Array;
}

/** Interpolated precision at each recall threshold. Precision only rises at a true positive, so those suffice. */
function sampleCurve(
  list: Uint32Array,
  outcome: Uint8Array,
  scores: Float64Array,
  people: number,
  recallThresholds: readonly number[],
  { envelope, positions }: Scratch,
): { readonly precision: Float64Array; readonly scores: Float64Array; readonly recall: number } {
  let hits = 0;
  let falses = 0;
  for (let i = 0; i < list.length; i++) {
    const what = outcome[list[i]!]!;
    if (what === IGNORED) continue;
    if (what !== TRUE_POSITIVE) {
      falses++;
      continue;
    }
    positions[hits] = i;
    hits++;
    envelope[hits - 1] = hits / (falses + hits + Number.EPSILON);
  }
  for (let i = hits - 1; i > 0; i--) if (envelope[i]! > envelope[i - 1]!) envelope[i - 1] = envelope[i]!;

  const precision = new Float64Array(recallThresholds.length);
  const reachedAt = new Float64Array(recallThresholds.length);
  let hit = 0;
  for (let r = 0; r < recallThresholds.length; r++) {
    const wanted = recallThresholds[r]!;
    if (wanted <= 0) {
      if (list.length > 0) {
        precision[r] = hits > 0 ? envelope[0]! : 0;
        reachedAt[r] = scores[list[0]!]!;
      }
      continue;
    }
    while (hit < hits && (hit + 1) / people < wanted) hit++;
    if (hit === hits) break;
    precision[r] = envelope[hit]!;
    reachedAt[r] = scores[list[positions[hit]!]!]!;
  }
  return { precision, scores: reachedAt, recall: list.length > 0 ? hits / people : 0 };
}
