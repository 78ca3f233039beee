import type { KeypointSet } from '../../keypoints';
import type { Sides } from './left-right';

/** A person with limbs much longer than usual in the set. */
export interface LongLimbs {
  /** Index into the persons. */
  readonly person: number;
  /** The longest of them, relative to its usual length: index into the set's edges. */
  readonly edge: number;
  /** Number of limbs that are too long, and of all that were measured. Where most are, the person's size is wrong and not the limbs. */
  readonly count: number;
  readonly measured: number;
  /** Ratio to the length that 99 in 100 of the others do not exceed, relative to their size. */
  readonly times: number;
}

/** Minimum number of limbs for a usual length. */
const FEWEST = 50;
const TOO_LONG = 1.8;

/**
 * Detects limbs that are much longer, relative to the person's size, than nearly all others: one end is probably misplaced. Short limbs are not reported, since every limb is short when it
 * points at the camera.
 */
export function longLimbs(persons: readonly Sides[], { edges }: KeypointSet): LongLimbs[] {
  const found = persons.map(() => ({ edge: -1, times: 0, count: 0, measured: 0 }));
  for (const [edge, [a, b]] of edges.entries()) {
    const lengths = persons.map(({ keypoints: { xy, score }, size }) =>
      score[a]! > 0 && score[b]! > 0 && size > 0 && size < Infinity
        ? Math.hypot(xy[2 * a]! - xy[2 * b]!, xy[2 * a + 1]! - xy[2 * b + 1]!) / size
        : NaN,
    );
    const known = lengths.filter((length) => !Number.isNaN(length)).sort((x, y) => x - y);
    if (known.length < FEWEST) continue;
    const usual = known[Math.floor(0.99 * (known.length - 1))]!;
    for (const [person, length] of lengths.entries()) {
      const of = found[person]!;
      if (Number.isNaN(length)) continue;
      of.measured++;
      if (!(length > TOO_LONG * usual && length > 0.25)) continue;
      of.count++;
      if (length / usual > of.times) [of.times, of.edge] = [length / usual, edge];
    }
  }
  return found.flatMap((of, person) => (of.count > 0 ? [{ person, ...of }] : []));
}
