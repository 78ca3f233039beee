import { expect } from 'vitest';

/** The largest |a − b|, relative to the largest |b|; absolute where all of b is below 1 and `absolute` is asked for. */
export function difference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): { worst: number; at: number; scale: number } {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let at = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!);
    if (!(d <= worst)) [worst, at] = [d, i];
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return { worst, at, scale };
}

/** Every element within `tolerance` times the larger of 1 and the largest magnitude expected. NaN fails. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  const { worst, at, scale } = difference(actual, expected);
  const bound = tolerance * Math.max(1, scale);
  if (!(worst <= bound))
    expect.fail(`${what}: element ${at} is ${actual[at]}, expected ${expected[at]}; ${worst} apart, ${bound} allowed`);
}

/** Every element within `tolerance` times the largest magnitude expected (or `floor`, where all of it is rounding). NaN fails. */
export function expectRelative(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  floor = 1e-2,
): void {
  const { worst, at, scale } = difference(actual, expected);
  const bound = tolerance * Math.max(floor, scale);
  if (!(worst <= bound))
    expect.fail(`${what}: element ${at} is ${actual[at]}, expected ${expected[at]}; ${worst} apart, ${bound} allowed`);
}
