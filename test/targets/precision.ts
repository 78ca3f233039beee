import { keypointsOf } from 'poseblocks/keypoints';
import type { Codec } from 'poseblocks/targets';
import { expect } from 'vitest';

/** Half a step of float32 at 512, in which codecs return their pixels. */
const ROUNDING = 2 ** -15;

/** A repeatable spread over [0, 1): the fractional parts of multiples of an irrational number. */
const spread = (i: number, irrational: number): number => (i * irrational) % 1;

/** The keypoints that a codec is held to: the whole image evenly, then lattice and half-lattice points, edges and corners. */
function places([width, height]: readonly [number, number]): [number, number][] {
  const last = [width - 1, height - 1] as const;
  const even = Array.from({ length: 600 }, (_, i): [number, number] => [
    spread(i, 0.7548776662466927) * last[0],
    spread(i, 0.5698402909980532) * last[1],
  ]);
  const ticks = (end: number): number[] => [
    0,
    0.5,
    1,
    2,
    3.999,
    4,
    6,
    6.001,
    8,
    end / 2,
    end - 8,
    end - 2,
    end - 0.5,
    end,
  ];
  return [...even, ...ticks(last[0]).flatMap((x) => ticks(last[1]).map((y): [number, number] => [x, y]))];
}

interface Miss {
  readonly place: readonly [number, number];
  readonly error: number;
  readonly allowed: number;
}

/** Every keypoint that comes back further away than the codec says. One channel each, in people of 49. */
function misses<Target>(codec: Codec<Target>): Miss[] {
  const { inputSize, precision, margin, borderPrecision } = codec;
  const found: Miss[] = [];
  const all = places(inputSize);
  for (let first = 0; first < all.length; first += 49) {
    const some = all.slice(first, first + 49);
    const truth = keypointsOf(
      'input',
      some.flatMap(([x, y]) => [x, y, 2]),
    );
    const { xy } = codec.decode(codec.encode(truth));
    some.forEach((place, k) => {
      const error = Math.max(Math.abs(xy[2 * k]! - truth.xy[2 * k]!), Math.abs(xy[2 * k + 1]! - truth.xy[2 * k + 1]!));
      const inside = place.every((v, axis) => v >= margin && v <= inputSize[axis]! - 1 - margin);
      const allowed = inside ? precision : borderPrecision;
      if (!(error <= allowed + ROUNDING)) found.push({ place, error, allowed });
    });
  }
  return found;
}

/** The mutation that a codec's precision must notice: what it decodes lies `by` pixels right and below. */
export function shifted<Target>(codec: Codec<Target>, by: number): Codec<Target> {
  const decode = (target: Target): ReturnType<Codec<Target>['decode']> => {
    const found = codec.decode(target);
    return { ...found, xy: found.xy.map((v) => v + by) };
  };
  const { inputSize, precision, margin, borderPrecision } = codec; // getters, which a spread would keep as well
  return { ...codec, inputSize, precision, margin, borderPrecision, decode };
}

/** How many keypoints of the image break the codec's stated precision. */
export function violations<Target>(codec: Codec<Target>): number {
  return misses(codec).length;
}

/** The codec keeps its word for every keypoint; the worst three are shown where it does not. */
export function expectPrecision<Target>(codec: Codec<Target>): void {
  expect(
    misses(codec)
      .sort((a, b) => b.error - b.allowed - a.error + a.allowed)
      .slice(0, 3),
  ).toEqual([]);
}
