// The one-dimensional transforms of Winograd's minimal filtering F(m, 3), m = 2 or 4, F(3, 2) and F(3, 4): vectors `step` bytes apart to vectors `out` bytes apart. Letters as in
// Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", 2016. `P` is a type of its own for each place of use, so that the compiler puts the code there.
import { bounded, madd } from './vector';

/**
 * The points of F(4, 3) are 0, ±NEAR, ±2·NEAR and infinity: √½ and √2, with which the terms are of like size. The usual 1 and 2 lose
 * twice as much to rounding.
 */
export const NEAR: f32 = 0.70710678;

/** Bᵀd, m = 4; that of F(3, 4) too, which has the same points. `near` and `half`: NEAR and ½, four times. */
export function data6<P>(p: usize, step: usize, q: usize, out: usize, near: v128, half: v128): void {
  const d0 = v128.load(p);
  const d1 = v128.load((p += step));
  const d2 = v128.load((p += step));
  const d3 = v128.load((p += step));
  const d4 = v128.load((p += step));
  const d5 = v128.load(p + step);
  const half2 = f32x4.mul(d2, half);
  const nearEven = f32x4.sub(d4, f32x4.add(d2, d2));
  const nearOdd = f32x4.mul(f32x4.sub(d3, f32x4.add(d1, d1)), near);
  const farEven = f32x4.sub(d4, half2);
  const odd = f32x4.sub(f32x4.add(d3, d3), d1);
  const farOdd = f32x4.mul(odd, near);
  v128.store(q, f32x4.add(d0, f32x4.sub(nearEven, half2)));
  v128.store((q += out), f32x4.add(nearEven, nearOdd));
  v128.store((q += out), f32x4.sub(nearEven, nearOdd));
  v128.store((q += out), f32x4.add(farEven, farOdd));
  v128.store((q += out), f32x4.sub(farEven, farOdd));
  v128.store(q + out, f32x4.sub(f32x4.sub(d5, odd), f32x4.mul(d3, half)));
}

/** Bᵀd, m = 2; that of F(3, 2) too. */
export function data4<P>(p: usize, step: usize, q: usize, out: usize): void {
  const d0 = v128.load(p);
  const d1 = v128.load((p += step));
  const d2 = v128.load((p += step));
  const d3 = v128.load(p + step);
  v128.store(q, f32x4.sub(d0, d2));
  v128.store((q += out), f32x4.add(d1, d2));
  v128.store((q += out), f32x4.sub(d2, d1));
  v128.store(q + out, f32x4.sub(d1, d3));
}

/** Gg, m = 4; `third` and `odd`: ⅓ and NEAR/3, four times. */
export function filter6<P>(p: usize, step: usize, q: usize, out: usize, half: v128, third: v128, odd: v128): void {
  const g0 = v128.load(p);
  const g1 = v128.load((p += step));
  const g2 = v128.load(p + step);
  const near = f32x4.mul(f32x4.add(f32x4.add(g0, g0), g2), third);
  const far = f32x4.mul(madd(g0, half, g2), third);
  const farOdd = f32x4.mul(g1, odd);
  const nearOdd = f32x4.add(farOdd, farOdd);
  v128.store(q, g0);
  v128.store((q += out), f32x4.neg(f32x4.add(near, nearOdd)));
  v128.store((q += out), f32x4.sub(nearOdd, near));
  v128.store((q += out), f32x4.add(far, farOdd));
  v128.store((q += out), f32x4.sub(far, farOdd));
  v128.store(q + out, g2);
}

/** Gg, m = 2. */
export function filter4<P>(p: usize, step: usize, q: usize, out: usize, half: v128): void {
  const g0 = v128.load(p);
  const g1 = v128.load((p += step));
  const g2 = v128.load(p + step);
  const ends = f32x4.mul(f32x4.add(g0, g2), half);
  const middle = f32x4.mul(g1, half);
  v128.store(q, g0);
  v128.store((q += out), f32x4.add(ends, middle));
  v128.store((q += out), f32x4.sub(ends, middle));
  v128.store(q + out, g2);
}

/** Whether a place of use is the last pass of two; the types of the others have four bytes. */
function isLast<P>(): bool {
  return sizeof<P>() == 8;
}

/** Stores a value that a transform of outputs found; in the last pass plus `offset` and what lies at `more` (0 for nothing), within bounds. */
function put<P>(q: usize, y: v128, offset: v128, more: usize, low: v128, high: v128): void {
  if (isLast<P>()) {
    y = f32x4.add(y, offset);
    if (more) y = f32x4.add(y, v128.load(more));
    y = bounded(y, low, high);
  }
  v128.store(q, y);
}

/** Aᵀm, m = 4; in the last pass plus `offset` and what lies at `more` as the result does (0 for nothing), between `low` and `high`. */
export function output6<P>(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  near: v128,
  half: v128,
  offset: v128,
  more: usize,
  low: v128,
  high: v128,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load((p += step));
  const m4 = v128.load((p += step));
  const m5 = v128.load(p + step);
  const nearSum = f32x4.add(m1, m2);
  const farSum = f32x4.add(m3, m4);
  const nearDifference = f32x4.mul(f32x4.sub(m1, m2), near);
  const difference = f32x4.mul(f32x4.sub(m3, m4), near);
  const farDifference = f32x4.add(difference, difference);
  const y2 = madd(nearSum, half, f32x4.add(farSum, farSum));
  const y3 = madd(nearDifference, half, f32x4.add(f32x4.add(farDifference, farDifference), m5));
  const next: usize = more ? out : 0;
  put<P>(q, f32x4.add(f32x4.add(m0, nearSum), farSum), offset, more, low, high);
  put<P>((q += out), f32x4.add(nearDifference, farDifference), offset, (more += next), low, high);
  put<P>((q += out), y2, offset, (more += next), low, high);
  put<P>(q + out, y3, offset, more + next, low, high);
}

/** As `output6`, of F(3, 4). */
export function output3<P>(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  near: v128,
  half: v128,
  offset: v128,
  more: usize,
  low: v128,
  high: v128,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load((p += step));
  const m4 = v128.load((p += step));
  const m5 = v128.load(p + step);
  const nearSum = f32x4.add(m1, m2);
  const farSum = f32x4.add(m3, m4);
  const difference = f32x4.sub(m3, m4);
  const y1 = f32x4.mul(f32x4.add(f32x4.sub(m1, m2), f32x4.add(difference, difference)), near);
  const y2 = madd(nearSum, half, f32x4.add(f32x4.add(farSum, farSum), m5));
  const next: usize = more ? out : 0;
  put<P>(q, f32x4.add(f32x4.add(m0, nearSum), farSum), offset, more, low, high);
  put<P>((q += out), y1, offset, (more += next), low, high);
  put<P>(q + out, y2, offset, more + next, low, high);
}

/** As `output6`, m = 2. */
export function output4<P>(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  offset: v128,
  more: usize,
  low: v128,
  high: v128,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load(p + step);
  put<P>(q, f32x4.add(f32x4.add(m0, m1), m2), offset, more, low, high);
  put<P>(q + out, f32x4.sub(f32x4.sub(m1, m2), m3), offset, more ? more + out : 0, low, high);
}

/** As `output6`, of F(3, 2). */
export function outputThree<P>(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  offset: v128,
  more: usize,
  low: v128,
  high: v128,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load(p + step);
  const sum = f32x4.add(m1, m2);
  const next: usize = more ? out : 0;
  put<P>(q, f32x4.add(m0, sum), offset, more, low, high);
  put<P>((q += out), f32x4.sub(m1, m2), offset, (more += next), low, high);
  put<P>(q + out, f32x4.sub(sum, m3), offset, more + next, low, high);
}

/** Ay, m = 4: what `output6` is the transpose of. */
export function gradient6<P>(p: usize, step: usize, q: usize, out: usize, near: v128, half: v128): void {
  const y0 = v128.load(p);
  const y1 = v128.load((p += step));
  const y2 = v128.load((p += step));
  const y3 = v128.load(p + step);
  const nearEven = madd(y2, half, y0);
  const nearOdd = f32x4.mul(madd(y3, half, y1), near);
  const farEven = f32x4.add(f32x4.add(y2, y2), y0);
  const odd = f32x4.mul(f32x4.add(f32x4.add(y3, y3), y1), near);
  const farOdd = f32x4.add(odd, odd);
  v128.store(q, y0);
  v128.store((q += out), f32x4.add(nearEven, nearOdd));
  v128.store((q += out), f32x4.sub(nearEven, nearOdd));
  v128.store((q += out), f32x4.add(farEven, farOdd));
  v128.store((q += out), f32x4.sub(farEven, farOdd));
  v128.store(q + out, y3);
}

/** Gᵀu, m = 4: what `filter6` is the transpose of. */
export function filterGradient6<P>(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  half: v128,
  third: v128,
  odd: v128,
): void {
  const u0 = v128.load(p);
  const u1 = v128.load((p += step));
  const u2 = v128.load((p += step));
  const u3 = v128.load((p += step));
  const u4 = v128.load((p += step));
  const u5 = v128.load(p + step);
  const near = f32x4.mul(f32x4.add(u1, u2), third);
  const far = f32x4.mul(f32x4.add(u3, u4), third);
  const nearDifference = f32x4.sub(u2, u1);
  v128.store(q, f32x4.add(u0, f32x4.sub(f32x4.mul(far, half), f32x4.add(near, near))));
  const differences = f32x4.add(f32x4.add(nearDifference, nearDifference), f32x4.sub(u3, u4));
  v128.store((q += out), f32x4.mul(differences, odd));
  v128.store(q + out, f32x4.add(u5, f32x4.sub(far, near)));
}
