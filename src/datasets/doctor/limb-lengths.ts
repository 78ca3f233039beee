import type { KeypointSet } from '../../keypoints';
import type { Sides } from './left-right';

/** A limb much longer than usual in the set. */
export interface LongLimb {
  /** Index into the persons, and into the set's edges. */
  readonly person: number;
  readonly edge: number;
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
export function longLimbs(persons: readonly Sides[], { edges }: KeypointSet): LongLimb[] {
  return edges.flatMap(([a, b], edge) => {
    const lengths = persons.map(({ keypoints: { xy, score }, size }) =>
      score[a]! > 0 && score[b]! > 0 && size > 0 && size < Infinity
        ? Math.hypot(xy[2 * a]! - xy[2 * b]!, xy[2 * a + 1]! - xy[2 * b + 1]!) / size
        : NaN,
    );
    const known = lengths.filter((length) => !Number.isNaN(length)).sort((x, y) => x - y);
    if (known.length < FEWEST) return [];
    const usual = known[Math.floor(0.99 * (known.length - 1))]!;
    return lengths.flatMap((length, person) => (length > TOO_LONG * usual && length > 0.25 ? [{ person, edge, times: length / usual }] : [])); // prettier-ignore
  });
}
