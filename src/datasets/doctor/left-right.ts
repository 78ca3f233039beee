import type { Keypoints, KeypointSet } from '../../keypoints';

/** What the left–right test reads of a person. */
export interface Sides {
  readonly keypoints: Keypoints;
  /** Pixels; the longer side of the box, or of the extent. */
  readonly size: number;
}

/** A pair of keypoints that lies the other way round than the person's other pairs. */
export interface SuspectPair {
  /** Index into the persons, and into the set's flip pairs. */
  readonly person: number;
  readonly pair: number;
}

/** Fewer persons in which two pairs are seen together say nothing about how one follows from the other. */
const FEWEST = 30;
/** Of what is reported, this share may be correct (Benjamini–Hochberg). */
const FALSE_SHARE = 0.05;
/** Deviations within which a pair counts as explained by an exchange. */
const EXPLAINED = 2.5;

/**
 * Finds pairs whose left and right look exchanged. How far a pair reaches to the right, as a share of the person's size, is
 * predicted from the person's other pairs: `x ≈ b·y`, b and the spread of what is left by medians over the dataset, so that
 * mistakes in it hardly move them. A pair is suspect when its own place is too unlikely (Student's t with four degrees of
 * freedom, as crossed limbs are no rarity; Benjamini–Hochberg over all pairs of the file) and the exchanged place is not.
 *
 * Pairs that follow from nothing (ankles of walkers, say) have a wide spread and are never suspected. Works for any
 * skeleton with three pairs; a person whose pairs are *all* exchanged agrees with itself and is not found.
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
  /** The pair's own place and the exchanged one, in deviations from what the others say; NaN where they say nothing. */
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
    // Two pairs that follow from each other are both unlikely when one is exchanged: which exchange explains all best?
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

/** `x ≈ slope·y`, and how well. */
interface Relation {
  readonly slope: number;
  readonly spread: number;
}

function relation(reach: readonly (readonly number[])[], p: number, q: number): Relation | undefined {
  const both = reach.filter((person) => Number.isFinite(person[p]! + person[q]!) && person[q] !== 0);
  if (both.length < FEWEST) return undefined;
  // The slope with the least sum of |x − slope·y|: the median of x / y, weighted by |y|.
  const ratios = both.map((person) => ({ ratio: person[p]! / person[q]!, weight: Math.abs(person[q]!) }));
  ratios.sort((a, b) => a.ratio - b.ratio);
  const half = ratios.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  const slope = ratios.find(({ weight }) => (sum += weight) >= half)!.ratio;
  return { slope, spread: spreadOf(both.map((person) => person[p]! - slope * person[q]!)) };
}

/** The other pairs' predictions, each weighted by how well it predicts; NaN with fewer than two. */
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

/** The standard deviation that a normal distribution with this median of |values| has. */
function spreadOf(values: readonly number[]): number {
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  return Math.max(1e-4, 1.4826 * sizes[sizes.length >> 1]!);
}

/** Two-sided tail of Student's t with four degrees of freedom. */
function chanceOf(t: number): number {
  const s = Math.abs(t) / Math.sqrt(t * t + 4);
  return 1 - (1.5 * s - 0.5 * s ** 3);
}
