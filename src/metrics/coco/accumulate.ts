import type { Grouping } from './grouping';
import { UNRANKED, type Matches } from './match';
import type { CocoParams } from './options';
import { PrecisionCurves } from './precision-curves';

/** Precision and recall in the layout of COCOeval.accumulate; −1 where a category has no people in a range. */
export interface Curves {
  /** `[thresholds, recallThresholds, categories, areas, maxDets]`, row-major. */
  readonly precision: Float64Array;
  /** The score at which each value of `precision` is reached; same layout. */
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
  const words = Math.ceil(T / 32);
  const curves: Curves = {
    precision: new Float64Array(T * R * K * A * M).fill(-1),
    scores: new Float64Array(T * R * K * A * M).fill(-1),
    recall: new Float64Array(T * K * A * M).fill(-1),
  };
  const lists = rankedLists(grouping, matches, K, categoryOf);
  for (let k = 0; k < K; k++) {
    for (let m = 0; m < M; m++) {
      const limit = params.maxDets[m]!;
      const list = m === M - 1 ? lists[k]! : lists[k]!.filter((d) => matches.ranks[d]! < limit);
      for (let a = 0; a < A; a++) {
        const people = matches.counted[k * A + a]!;
        if (people === 0) continue;
        for (let word = 0; word < words; word++) {
          const row = a * words + word;
          const count = Math.min(32, T - 32 * word);
          const sampled = new PrecisionCurves(list, matches.hits[row]!, matches.ignored[row]!, people, count);
          for (let t = 32 * word; t < 32 * word + count; t++) {
            const cell = (k * A + a) * M + m;
            curves.recall[t * K * A * M + cell] = sampled.recall(t - 32 * word);
            const start = t * R * K * A * M + cell;
            for (let r = 0; r < R; r++) curves.precision[start + r * K * A * M] = 0;
            for (let r = 0; r < R; r++) curves.scores[start + r * K * A * M] = 0;
            sampled.sample(t - 32 * word, params.recallThresholds, (r, precision, detection) => {
              curves.precision[start + r * K * A * M] = precision;
              curves.scores[start + r * K * A * M] = scores[detection]!;
            });
          }
        }
      }
    }
  }
  return curves;
}

/** The evaluated detections of each category, highest score first. */
function rankedLists(
  { ranking }: Grouping,
  { ranks }: Matches,
  categories: number,
  categoryOf: (detection: number) => number,
): Uint32Array[] {
  const lists = Array.from({ length: categories }, () => new Uint32Array(categories === 1 ? ranking.length : 0));
  const lengths = new Uint32Array(categories);
  for (let i = 0; i < ranking.length; i++) {
    const detection = ranking[i]!;
    if (ranks[detection] === UNRANKED) continue;
    const k = categories === 1 ? 0 : categoryOf(detection);
    const list = lists[k]!;
    if (lengths[k] === list.length) {
      lists[k] = new Uint32Array(2 * list.length + 64);
      lists[k].set(list);
    }
    lists[k]![lengths[k]!++] = detection;
  }
  return lists.map((list, k) => list.subarray(0, lengths[k]));
}
