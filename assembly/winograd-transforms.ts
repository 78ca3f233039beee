// The transforms of Winograd's minimal filtering F(m×m, 3×3), m = 2 or 4, as Lavin & Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2016, give them. In one dimension each takes vectors `step` bytes apart to vectors `out` bytes apart; in
// two dimensions it runs over the columns, then over the rows, by way of `spare` (SPARE bytes). Letters as in the paper.
import { activate, madd } from './vector';

/** Room for a tile of 6 × 6 vectors, and for one of 4 × 4. */
export const SPARE: usize = 832;

/** Bytes between the rows of a tile in SPARE. */
const ROW: usize = 96;

/**
 * The points of F(4, 3) are 0, ±NEAR, ±FAR and infinity: √½ and √2, with which the terms are of like size. The usual 1 and 2 lose
 * twice as much to rounding.
 */
const NEAR: f32 = 0.70710678;
const FAR: f32 = 1.41421356;

/** Bᵀd, m = 4; that of F(3, 4) too, which has the same points. */
export function data6(p: usize, step: usize, q: usize, out: usize): void {
  const d0 = v128.load(p);
  const d1 = v128.load((p += step));
  const d2 = v128.load((p += step));
  const d3 = v128.load((p += step));
  const d4 = v128.load((p += step));
  const d5 = v128.load(p + step);
  const nearEven = madd(d2, f32x4.splat(-2), d4);
  const nearOdd = madd(d1, f32x4.splat(-2), d3);
  const farEven = madd(d2, f32x4.splat(-0.5), d4);
  const farOdd = madd(d1, f32x4.splat(-0.5), d3);
  v128.store(q, f32x4.add(d0, madd(d2, f32x4.splat(-2.5), d4)));
  v128.store((q += out), madd(nearOdd, f32x4.splat(NEAR), nearEven));
  v128.store((q += out), madd(nearOdd, f32x4.splat(-NEAR), nearEven));
  v128.store((q += out), madd(farOdd, f32x4.splat(FAR), farEven));
  v128.store((q += out), madd(farOdd, f32x4.splat(-FAR), farEven));
  v128.store(q + out, f32x4.add(d1, madd(d3, f32x4.splat(-2.5), d5)));
}

/** Bᵀd, m = 2. */
function data4(p: usize, step: usize, q: usize, out: usize): void {
  const d0 = v128.load(p);
  const d1 = v128.load((p += step));
  const d2 = v128.load((p += step));
  const d3 = v128.load(p + step);
  v128.store(q, f32x4.sub(d0, d2));
  v128.store((q += out), f32x4.add(d1, d2));
  v128.store((q += out), f32x4.sub(d2, d1));
  v128.store(q + out, f32x4.sub(d1, d3));
}

/** Gg, m = 4. */
function filter6(p: usize, step: usize, q: usize, out: usize): void {
  const g0 = v128.load(p);
  const g1 = v128.load((p += step));
  const g2 = v128.load(p + step);
  const near = madd(g0, f32x4.splat(-2.0 / 3), f32x4.mul(g2, f32x4.splat(-1.0 / 3)));
  const far = madd(g0, f32x4.splat(1.0 / 6), f32x4.mul(g2, f32x4.splat(1.0 / 3)));
  v128.store(q, g0);
  v128.store((q += out), madd(g1, f32x4.splat((-2.0 / 3) * NEAR), near));
  v128.store((q += out), madd(g1, f32x4.splat((2.0 / 3) * NEAR), near));
  v128.store((q += out), madd(g1, f32x4.splat(FAR / 6), far));
  v128.store((q += out), madd(g1, f32x4.splat(-FAR / 6), far));
  v128.store(q + out, g2);
}

/** Gg, m = 2. */
function filter4(p: usize, step: usize, q: usize, out: usize): void {
  const g0 = v128.load(p);
  const g1 = v128.load((p += step));
  const g2 = v128.load(p + step);
  const half = f32x4.splat(0.5);
  const ends = f32x4.mul(f32x4.add(g0, g2), half);
  v128.store(q, g0);
  v128.store((q += out), madd(g1, half, ends));
  v128.store((q += out), madd(g1, f32x4.splat(-0.5), ends));
  v128.store(q + out, g2);
}

/** Aᵀm, m = 4; where it is the last pass, plus `offset` and what lies at `more` as the result does (0 for nothing), activated. */
function output6(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  isLast: i32,
  offset: v128,
  more: usize,
  activation: i32,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load((p += step));
  const m4 = v128.load((p += step));
  const m5 = v128.load(p + step);
  const nearSum = f32x4.add(m1, m2);
  const nearDifference = f32x4.mul(f32x4.sub(m1, m2), f32x4.splat(NEAR));
  const farSum = f32x4.add(m3, m4);
  const farDifference = f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(FAR));
  let y0 = f32x4.add(f32x4.add(m0, nearSum), farSum);
  let y1 = f32x4.add(nearDifference, farDifference);
  let y2 = madd(nearSum, f32x4.splat(0.5), f32x4.add(farSum, farSum));
  let y3 = madd(nearDifference, f32x4.splat(0.5), madd(farDifference, f32x4.splat(2), m5));
  if (isLast) {
    y0 = f32x4.add(y0, offset);
    y1 = f32x4.add(y1, offset);
    y2 = f32x4.add(y2, offset);
    y3 = f32x4.add(y3, offset);
    if (more) {
      y0 = f32x4.add(y0, v128.load(more));
      y1 = f32x4.add(y1, v128.load((more += out)));
      y2 = f32x4.add(y2, v128.load((more += out)));
      y3 = f32x4.add(y3, v128.load(more + out));
    }
    if (activation) {
      y0 = activate(y0, activation);
      y1 = activate(y1, activation);
      y2 = activate(y2, activation);
      y3 = activate(y3, activation);
    }
  }
  v128.store(q, y0);
  v128.store((q += out), y1);
  v128.store((q += out), y2);
  v128.store(q + out, y3);
}

/** Aᵀm of F(3, 4), plus `offset` and what lies at `more` as the result does (0 for nothing), activated. */
export function strip6(p: usize, step: usize, q: usize, out: usize, offset: v128, more: usize, activation: i32): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load((p += step));
  const m4 = v128.load((p += step));
  const m5 = v128.load(p + step);
  const nearSum = f32x4.add(m1, m2);
  const farSum = f32x4.add(m3, m4);
  const farDifference = f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(FAR));
  let y0 = f32x4.add(offset, f32x4.add(f32x4.add(m0, nearSum), farSum));
  let y1 = f32x4.add(offset, madd(f32x4.sub(m1, m2), f32x4.splat(NEAR), farDifference));
  let y2 = f32x4.add(offset, madd(nearSum, f32x4.splat(0.5), f32x4.add(f32x4.add(farSum, farSum), m5)));
  if (more) {
    y0 = f32x4.add(y0, v128.load(more));
    y1 = f32x4.add(y1, v128.load((more += out)));
    y2 = f32x4.add(y2, v128.load(more + out));
  }
  v128.store(q, activate(y0, activation));
  v128.store((q += out), activate(y1, activation));
  v128.store(q + out, activate(y2, activation));
}

/** As `output6`, m = 2. */
function output4(
  p: usize,
  step: usize,
  q: usize,
  out: usize,
  isLast: i32,
  offset: v128,
  more: usize,
  activation: i32,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load((p += step));
  const m2 = v128.load((p += step));
  const m3 = v128.load(p + step);
  let y0 = f32x4.add(f32x4.add(m0, m1), m2);
  let y1 = f32x4.sub(f32x4.sub(m1, m2), m3);
  if (isLast) {
    y0 = f32x4.add(y0, offset);
    y1 = f32x4.add(y1, offset);
    if (more) {
      y0 = f32x4.add(y0, v128.load(more));
      y1 = f32x4.add(y1, v128.load(more + out));
    }
    y0 = activate(y0, activation);
    y1 = activate(y1, activation);
  }
  v128.store(q, y0);
  v128.store(q + out, y1);
}

/** Ay, m = 4: what `output6` is the transpose of. */
function gradient6(p: usize, step: usize, q: usize, out: usize): void {
  const y0 = v128.load(p);
  const y1 = v128.load((p += step));
  const y2 = v128.load((p += step));
  const y3 = v128.load(p + step);
  const nearEven = madd(y2, f32x4.splat(0.5), y0);
  const nearOdd = madd(y3, f32x4.splat(0.5), y1);
  const farEven = madd(y2, f32x4.splat(2), y0);
  const farOdd = madd(y3, f32x4.splat(2), y1);
  v128.store(q, y0);
  v128.store((q += out), madd(nearOdd, f32x4.splat(NEAR), nearEven));
  v128.store((q += out), madd(nearOdd, f32x4.splat(-NEAR), nearEven));
  v128.store((q += out), madd(farOdd, f32x4.splat(FAR), farEven));
  v128.store((q += out), madd(farOdd, f32x4.splat(-FAR), farEven));
  v128.store(q + out, y3);
}

/** Gᵀu, m = 4: what `filter6` is the transpose of. */
function filterGradient6(p: usize, step: usize, q: usize, out: usize): void {
  const u0 = v128.load(p);
  const u1 = v128.load((p += step));
  const u2 = v128.load((p += step));
  const u3 = v128.load((p += step));
  const u4 = v128.load((p += step));
  const u5 = v128.load(p + step);
  const nearSum = f32x4.add(u1, u2);
  const farSum = f32x4.add(u3, u4);
  const nearDifference = f32x4.sub(u1, u2);
  const farDifference = f32x4.sub(u3, u4);
  v128.store(q, madd(nearSum, f32x4.splat(-2.0 / 3), madd(farSum, f32x4.splat(1.0 / 6), u0)));
  const odd = f32x4.mul(farDifference, f32x4.splat(FAR / 6));
  v128.store((q += out), madd(nearDifference, f32x4.splat((-2.0 / 3) * NEAR), odd));
  v128.store(q + out, madd(f32x4.sub(farSum, nearSum), f32x4.splat(1.0 / 3), u5));
}

// Each transform in two dimensions is two passes, over columns and over rows, of one call, which the compiler then inlines.

/**
 * BᵀdB: a tile of pixels, `bytes` of each, rows `pitch` and pixels `pixel` apart, at v for position 0, `positions` bytes further for each
 * position after.
 */
export function transformData(
  m: i32,
  from: usize,
  pitch: usize,
  pixel: usize,
  bytes: usize,
  v: usize,
  positions: usize,
  spare: usize,
): void {
  const side = m + 2;
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let pass = 0; pass < 2; pass++) {
      let p = pass ? spare : from + c;
      let q = pass ? v + c : spare;
      const step: usize = pass ? 16 : pitch;
      const out: usize = pass ? positions : ROW;
      const nextP: usize = pass ? ROW : pixel;
      const nextQ: usize = pass ? <usize>side * positions : 16;
      for (let i = 0; i < side; i++) {
        if (m == 4) data6(p, step, q, out);
        else data4(p, step, q, out);
        p += nextP;
        q += nextQ;
      }
    }
  }
}

/** GgGᵀ of `count` bytes: nine taps `bytes` apart to (m+2)² positions `positions` apart. */
export function transformFilter(
  m: i32,
  g: usize,
  bytes: usize,
  u: usize,
  positions: usize,
  count: usize,
  spare: usize,
): void {
  const side = m + 2;
  for (let c: usize = 0; c < count; c += 16) {
    for (let pass = 0; pass < 2; pass++) {
      let p = pass ? spare : g + c;
      let q = pass ? u + c : spare;
      const step: usize = pass ? 16 : 3 * bytes;
      const out: usize = pass ? positions : ROW;
      const nextP: usize = pass ? ROW : bytes;
      const nextQ: usize = pass ? <usize>side * positions : 16;
      const lines = pass ? side : 3;
      for (let i = 0; i < lines; i++) {
        if (m == 4) filter6(p, step, q, out);
        else filter4(p, step, q, out);
        p += nextP;
        q += nextQ;
      }
    }
  }
}

/**
 * activation(AᵀMA + offset + more) of four channels at M, positions `positions` apart, to m × m vectors at `to`, rows `pitch` and pixels `pixel` apart; `more` lies as
 * they do, 0 for nothing.
 */
export function transformOutput(
  m: i32,
  at: usize,
  positions: usize,
  to: usize,
  pitch: usize,
  pixel: usize,
  offset: v128,
  more: usize,
  activation: i32,
  spare: usize,
): void {
  const side = m + 2;
  for (let pass = 0; pass < 2; pass++) {
    let p = pass ? spare : at;
    let q = pass ? to : spare;
    let addend = more;
    const step: usize = pass ? 16 : <usize>side * positions;
    const out: usize = pass ? pixel : ROW;
    const nextP: usize = pass ? ROW : positions;
    const nextQ: usize = pass ? pitch : 16;
    const lines = pass ? m : side;
    for (let i = 0; i < lines; i++) {
      if (m == 4) output6(p, step, q, out, pass, offset, addend, activation);
      else output4(p, step, q, out, pass, offset, addend, activation);
      p += nextP;
      q += nextQ;
      if (more) addend += nextQ;
    }
  }
}

/** AyAᵀ of 4 × 4 pixels of `bytes`, rows `pitch` apart, as `transformData`. */
export function transformGradient(
  from: usize,
  pitch: usize,
  bytes: usize,
  v: usize,
  positions: usize,
  spare: usize,
): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let pass = 0; pass < 2; pass++) {
      let p = pass ? spare : from + c;
      let q = pass ? v + c : spare;
      const step: usize = pass ? 16 : pitch;
      const out: usize = pass ? positions : ROW;
      const nextP: usize = pass ? ROW : bytes;
      const nextQ: usize = pass ? 6 * positions : 16;
      const lines = pass ? 6 : 4;
      for (let i = 0; i < lines; i++) {
        gradient6(p, step, q, out);
        p += nextP;
        q += nextQ;
      }
    }
  }
}

/** GᵀuG of `bytes`: 36 positions `positions` apart to nine taps `taps` apart. */
export function transformFilterGradient(
  u: usize,
  positions: usize,
  dw: usize,
  taps: usize,
  bytes: usize,
  spare: usize,
): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let pass = 0; pass < 2; pass++) {
      let p = pass ? spare : u + c;
      let q = pass ? dw + c : spare;
      const step: usize = pass ? 16 : 6 * positions;
      const out: usize = pass ? taps : ROW;
      const nextP: usize = pass ? ROW : positions;
      const nextQ: usize = pass ? 3 * taps : 16;
      const lines = pass ? 3 : 6;
      for (let i = 0; i < lines; i++) {
        filterGradient6(p, step, q, out);
        p += nextP;
        q += nextQ;
      }
    }
  }
}
