import type { KeypointSet } from '../../keypoints';
import { distancesOf, lengthOf } from './distances';
import type { Sides } from './left-right';

/** Two keypoints of a person whose labels look swapped. */
export interface ExchangedPair {
  /** Index into the persons. */
  readonly person: number;
  readonly keypoints: readonly [number, number];
}

/**
 * Minimum gain of a swap in log likelihood: the first, and the second divided by the number of people, because few people leave the likelihood of rare distances uncertain.
 * Clean synthetic sets of 400 people reach 21, of which 22 are required.
 */
const [LEAST, MORE] = [9, 5200];
/** Scales around a person's own that a swap is judged at too. */
const SCALES = [0.65, 0.8, 0.9, 1, 1.1, 1.25, 1.5];

/**
 * Detects two keypoints of a person whose labels look swapped, such as a wrist and a knee. The distances from the two to every other keypoint of the person are then unusual in the set, and
 * usual after swapping the labels back, at the person's scale as its limbs tell it, and at the scales that fit the labels before and after the swap best. Directions are not used, since people may be in any orientation. `suspectPairs` checks left and right of a pair, with more information.
 *
 * Keypoints whose distances to the others are alike, such as an eye and an ear, or those of an arm that lies along the torso, are not detected.
 */
export function exchangedPairs(persons: readonly Sides[], set: KeypointSet): ExchangedPair[] {
  const { names, flipPairs } = set;
  const { scaleOf, logDensity } = distancesOf(persons, set);
  const least = LEAST + MORE / persons.length;
  const other = names.map((_, k) => k);
  for (const [a, b] of flipPairs) [other[a], other[b]] = [b, a];
  return persons.flatMap((person, index) => {
    const scale = scaleOf(person);
    if (Number.isNaN(scale)) return [];
    const labelled = names.flatMap((_, k) => (person.keypoints.score[k]! > 0 ? [k] : []));
    /** By keypoint, its distance from each other one. */
    const lengths = names.map((_, a) => names.map((_, b) => lengthOf(person, a, b)));
    const at = (a: number, b: number, c: number, d: number, times: number): number => logDensity(a, b, lengths[c]![d]!, scale * times, a === c && b === d); // prettier-ignore
    const gainOf = (a: number, b: number, times: number): number => {
      let gain = 0;
      for (const c of labelled) {
        if (c === a || c === b) continue;
        gain += at(a, c, b, c, times) + at(b, c, a, c, times) - at(a, c, a, c, times) - at(b, c, b, c, times);
      }
      return gain;
    };
    const asLabelled = (times: number): number => labelled.reduce((sum, a) => labelled.reduce((part, b) => (b < a ? part + at(a, b, a, b, times) - Math.log(times) : part), sum), 0); // prettier-ignore
    /** The gain where both labellings may choose their scale. */
    const freeGain = (a: number, b: number): number => {
      const own = SCALES.map(asLabelled);
      return Math.max(...own.map((sum, i) => sum + gainOf(a, b, SCALES[i]!))) - Math.max(...own);
    };
    let [best, pair]: [number, readonly [number, number]] = [least, [0, 0]];
    for (const a of labelled) {
      for (const b of labelled) {
        if (b >= a || other[a] === b) continue;
        const gain = gainOf(a, b, 1);
        if (gain > best && freeGain(a, b) > least) [best, pair] = [gain, [b, a]];
      }
    }
    return best > least ? [{ person: index, keypoints: pair }] : [];
  });
}
