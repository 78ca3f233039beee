import type { Keypoints, KeypointSet } from '../../keypoints';

/** The data of a person that the left–right test uses. */
export interface Sides {
  readonly keypoints: Keypoints;
  /** Size in pixels: the longer side of the box, or of the keypoints' extent. */
  readonly size: number;
}

/** A pair of keypoints whose left and right are swapped relative to the person's other pairs. */
export interface SuspectPair {
  /** Index into the persons, and into the set's flip pairs. */
  readonly person: number;
  readonly pair: number;
}

/** With fewer persons that have both pairs, no prediction of one pair from the other is made. */
const FEWEST = 30;
/** False discovery rate: this fraction of the reported pairs may be correct (Benjamini–Hochberg). */
const FALSE_SHARE = 0.05;
/** A pair within this many deviations counts as explained by a swap. */
const EXPLAINED = 2.5;

/**
 * Detects pairs whose left and right look swapped. The horizontal extent of a pair, as a fraction of the person's size, is
 * predicted from the person's other pairs: `x ≈ b·y`, with b and the spread of the residuals from medians over the dataset, so that
 * mistakes in it have little effect. A pair is suspect when its own position is too unlikely (Student's t with four degrees of
 * freedom, since crossed limbs are common; Benjamini–Hochberg over all pairs of the file) and the swapped position is not.
 *
 * Pairs that no other pair predicts (such as the ankles of walking people) have a wide spread and are never suspected. Works for any
 * skeleton with three pairs; a person whose pairs are *all* swapped is consistent and is not detected.
 */
export function suspectPairs(persons: readonly Sides[], { flipPairs }: KeypointSet): SuspectPair[] {
  const reach = persons.map(({ keypoints: { xy, score }, size }) =>
    flipPairs.map(([l, r]) => (score[l]! > 0 && score[r]! > 0 ? (xy[2 * l]! - xy[2 * r]!) / size : NaN)),
  );
  const relations = flipPairs.map((_, p) => flipPairs.map((_, q) => (p === q ? undefined : relation(reach, p, q))));
  const spreads = flipPairs.map((_, pair) => {
    const left = reach.map((person) => person[pair]! - predict(person, relations[pair]!)).filter(Number.isFinite);
    return left.length < FEWEST ? NaN : spreadOf(left);
  });
  /** The deviations of a pair's own position and of the swapped one from the prediction; NaN without a prediction. */
  const deviations = (person: readonly number[], pair: number): { here: number; there: number } => {
    const expected = predict(person, relations[pair]!);
    const at = (place: number): number => (place - expected) / spreads[pair]!;
    return { here: at(person[pair]!), there: at(-person[pair]!) };
  };

  const chances = reach
    .flatMap((person) => flipPairs.map((_, pair) => chanceOf(deviations(person, pair).here)))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const limit = chances.findLast((chance, rank) => chance <= (FALSE_SHARE * (rank + 1)) / chances.length) ?? -1;
  const suspect = (person: readonly number[], pair: number): boolean => {
    const { here, there } = deviations(person, pair);
    return chanceOf(here) <= limit && Math.abs(there) < EXPLAINED;
  };

  return reach.flatMap((person, index) => {
    const found: SuspectPair[] = [];
    const row = [...person];
    // Of two pairs that predict each other, both are unlikely when one is swapped: which swap explains all pairs best?
    for (;;) {
      const candidates = flipPairs
        .map((_, pair) => pair)
        .filter((pair) => suspect(row, pair) && !found.some((known) => known.pair === pair));
      if (candidates.length === 0) return found;
      const costs = candidates.map((pair) => {
        const exchanged = row.with(pair, -row[pair]!);
        return flipPairs.reduce((sum, _, p) => sum + Math.log1p((deviations(exchanged, p).here || 0) ** 2 / 4), 0);
      });
      const pair = candidates[costs.indexOf(Math.min(...costs))]!;
      row[pair] = -row[pair]!;
      found.push({ person: index, pair });
    }
  });
}

/** `x ≈ slope·y`, and its spread. */
interface Relation {
  readonly slope: number;
  readonly spread: number;
}

function relation(reach: readonly (readonly number[])[], p: number, q: number): Relation | undefined {
  const both = reach.filter((person) => Number.isFinite(person[p]! + person[q]!) && person[q] !== 0);
  if (both.length < FEWEST) return undefined;
  // The slope with the smallest sum of |x − slope·y|: the median of x / y, weighted by |y|.
  const ratios = both.map((person) => ({ ratio: person[p]! / person[q]!, weight: Math.abs(person[q]!) }));
  ratios.sort((a, b) => a.ratio - b.ratio);
  const half = ratios.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  const slope = ratios.find(({ weight }) => (sum += weight) >= half)!.ratio;
  return { slope, spread: spreadOf(both.map((person) => person[p]! - slope * person[q]!)) };
}

/** The predictions of the other pairs, each weighted by its accuracy; NaN with fewer than two. */
function predict(person: readonly number[], relations: readonly (Relation | undefined)[]): number {
  let [sum, weights, count] = [0, 0, 0];
  relations.forEach((known, q) => {
    if (known === undefined || !Number.isFinite(person[q])) return;
    const weight = known.spread ** -2;
    sum += weight * known.slope * person[q]!;
    weights += weight;
    count++;
  });
  return count < 2 ? NaN : sum / weights;
}

/** The standard deviation of a normal distribution with this median of |values|. */
function spreadOf(values: readonly number[]): number {
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  return Math.max(1e-4, 1.4826 * sizes[sizes.length >> 1]!);
}

/** Two-sided tail of Student's t with four degrees of freedom. */
function chanceOf(t: number): number {
  const s = Math.abs(t) / Math.sqrt(t * t + 4);
  return 1 - (1.5 * s - 0.5 * s ** 3);
}
