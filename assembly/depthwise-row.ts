import * as size from './geometry';
import { bounded, madd } from './vector';

/** Marks of functions that are compiled once for each number of taps: a branch for each costs a fifth. */
type Two = i16;
type Three = i32;

/**
 * A row of `count` outputs, `stepY` bytes apart, of `pixel` bytes each: min(max(bias + Σ over `rows` × `taps` of input ∘ w, low), high). The first
 * output's first tap meets column `start` of an input row of `width` pixels, its next ones columns `spacing` further; each output's lie `stride`
 * columns after those of the one before. Rows of taps are `rowX` bytes apart in x and `rowW` in w, taps `tapW` in w, which may be less than 0.
 * Taps outside the row are left out.
 */
export function depthwiseRow(
  x: usize,
  rowX: usize,
  rows: i32,
  width: i32,
  start: i32,
  stride: i32,
  taps: i32,
  spacing: i32,
  w: usize,
  rowW: usize,
  tapW: usize,
  y: usize,
  stepY: usize,
  count: i32,
  pixel: usize,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const step = <usize>spacing * pixel;
  const next = <usize>stride * pixel;
  const reach = 3 * stride + (taps - 1) * spacing;
  const vectors = pixel & 15 ? 0 : pixel;
  const isNear = vectors >= 32 && (taps == 3 || taps == 2) && spacing == 1 && stride == 1;
  let i = 0;
  while (i < count) {
    const left = start + i * stride;
    if (isNear && count - i >= 4 && left >= -1 && left + taps + 2 <= width) {
      const from = x + <usize>left * pixel;
      const isLast = left + taps + 2 == width;
      if (taps == 3) near<Three>(from, rowX, rows, w, rowW, tapW, y, stepY, pixel, bias, low, high, left < 0, isLast);
      else near<Two>(from, rowX, rows, w, rowW, tapW, y, stepY, pixel, bias, low, high, left < 0, isLast);
      y += 4 * stepY;
      i += 4;
      continue;
    }
    if (vectors && count - i >= 4 && left >= 0 && left + reach < width) {
      const from = x + <usize>left * pixel;
      fourPixels(from, rowX, rows, next, taps, step, w, rowW, tapW, y, stepY, pixel, bias, low, high);
      y += 4 * stepY;
      i += 4;
      continue;
    }
    const first = size.firstTap(left, spacing);
    const inside = max(0, size.lastTap(left, spacing, width, taps) - first);
    const from = x + <usize>(left + first * spacing) * pixel;
    onePixel(from, rowX, rows, inside, step, w + <usize>first * tapW, rowW, tapW, y, pixel, bias, low, high);
    y += stepY;
    i++;
  }
}

function onePixel(
  x: usize,
  rowX: usize,
  rows: i32,
  taps: i32,
  step: usize,
  w: usize,
  rowW: usize,
  tapW: usize,
  y: usize,
  pixel: usize,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const zero = f32x4.splat(0);
  let c: usize = 0;
  for (; c + 32 <= pixel; c += 32) {
    let s0 = bias ? v128.load(bias + c) : zero;
    let s1 = bias ? v128.load(bias + c, 16) : zero;
    for (let ky = 0; ky < rows; ky++) {
      let p = x + <usize>ky * rowX + c;
      let q = w + <usize>ky * rowW + c;
      for (let kx = 0; kx < taps; kx++) {
        s0 = madd(v128.load(p), v128.load(q), s0);
        s1 = madd(v128.load(p, 16), v128.load(q, 16), s1);
        p += step;
        q += tapW;
      }
    }
    v128.store(y + c, bounded(s0, lows, highs));
    v128.store(y + c, bounded(s1, lows, highs), 16);
  }
  for (; c < pixel; c += 4) {
    let sum: f32 = bias ? load<f32>(bias + c) : 0;
    for (let ky = 0; ky < rows; ky++) {
      let p = x + <usize>ky * rowX + c;
      let q = w + <usize>ky * rowW + c;
      for (let kx = 0; kx < taps; kx++) {
        sum += load<f32>(p) * load<f32>(q);
        p += step;
        q += tapW;
      }
    }
    store<f32>(y + c, min<f32>(max<f32>(sum, low), high));
  }
}

/** Four outputs whose taps are all inside, any filter. */
function fourPixels(
  x: usize,
  rowX: usize,
  rows: i32,
  next: usize,
  taps: i32,
  step: usize,
  w: usize,
  rowW: usize,
  tapW: usize,
  y: usize,
  stepY: usize,
  pixel: usize,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let c: usize = 0; c < pixel; c += 16) {
    const offset = bias ? v128.load(bias + c) : f32x4.splat(0);
    let s0 = offset;
    let s1 = offset;
    let s2 = offset;
    let s3 = offset;
    for (let ky = 0; ky < rows; ky++) {
      let p0 = x + <usize>ky * rowX + c;
      let p1 = p0 + next;
      let p2 = p1 + next;
      let p3 = p2 + next;
      let q = w + <usize>ky * rowW + c;
      for (let kx = 0; kx < taps; kx++) {
        const factor = v128.load(q);
        s0 = madd(v128.load(p0), factor, s0);
        s1 = madd(v128.load(p1), factor, s1);
        s2 = madd(v128.load(p2), factor, s2);
        s3 = madd(v128.load(p3), factor, s3);
        p0 += step;
        p1 += step;
        p2 += step;
        p3 += step;
        q += tapW;
      }
    }
    storeFour(y + c, stepY, s0, s1, s2, s3, lows, highs);
  }
}

/**
 * Four outputs side by side of a filter two or three wide: each value of the input is loaded once for all that it meets. Two vectors of channels at a time, the last ones of
 * which may overlap those before: their eight sums fill the time that a multiply–add takes. The first column, or the last, may lie outside.
 */
function near<Taps>(
  x: usize,
  rowX: usize,
  rows: i32,
  w: usize,
  rowW: usize,
  tapW: usize,
  y: usize,
  stepY: usize,
  pixel: usize,
  bias: usize,
  low: f32,
  high: f32,
  noFirst: bool,
  noLast: bool,
): void {
  const isThree = sizeof<Taps>() == 4;
  const zero = f32x4.splat(0);
  for (let c: usize = 0; c < pixel; c += 32) {
    if (c + 32 > pixel) c = pixel - 32;
    let s0 = bias ? v128.load(bias + c) : zero;
    let t0 = bias ? v128.load(bias + c, 16) : zero;
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t1 = t0;
    let t2 = t0;
    let t3 = t0;
    let p = x + c;
    let q = w + c;
    for (let ky = 0; ky < rows; ky++) {
      let at = p;
      let w0 = v128.load(q);
      let w1 = v128.load(q + tapW);
      let w2 = isThree ? v128.load(q + 2 * tapW) : zero;
      let v = zero;
      if (!noFirst) {
        v = v128.load(at);
        s0 = madd(v, w0, s0);
      }
      v = v128.load((at += pixel));
      s0 = madd(v, w1, s0);
      s1 = madd(v, w0, s1);
      v = v128.load((at += pixel));
      if (isThree) s0 = madd(v, w2, s0);
      s1 = madd(v, w1, s1);
      s2 = madd(v, w0, s2);
      v = v128.load((at += pixel));
      if (isThree) s1 = madd(v, w2, s1);
      s2 = madd(v, w1, s2);
      s3 = madd(v, w0, s3);
      at += pixel;
      if (isThree || !noLast) {
        v = v128.load(at);
        if (isThree) s2 = madd(v, w2, s2);
        s3 = madd(v, w1, s3);
      }
      if (isThree && !noLast) s3 = madd(v128.load(at + pixel), w2, s3);
      at = p;
      w0 = v128.load(q, 16);
      w1 = v128.load(q + tapW, 16);
      w2 = isThree ? v128.load(q + 2 * tapW, 16) : zero;
      if (!noFirst) {
        v = v128.load(at, 16);
        t0 = madd(v, w0, t0);
      }
      v = v128.load((at += pixel), 16);
      t0 = madd(v, w1, t0);
      t1 = madd(v, w0, t1);
      v = v128.load((at += pixel), 16);
      if (isThree) t0 = madd(v, w2, t0);
      t1 = madd(v, w1, t1);
      t2 = madd(v, w0, t2);
      v = v128.load((at += pixel), 16);
      if (isThree) t1 = madd(v, w2, t1);
      t2 = madd(v, w1, t2);
      t3 = madd(v, w0, t3);
      at += pixel;
      if (isThree || !noLast) {
        v = v128.load(at, 16);
        if (isThree) t2 = madd(v, w2, t2);
        t3 = madd(v, w1, t3);
      }
      if (isThree && !noLast) t3 = madd(v128.load(at + pixel, 16), w2, t3);
      p += rowX;
      q += rowW;
    }
    const lows = f32x4.splat(low);
    const highs = f32x4.splat(high);
    storeFour(y + c, stepY, s0, s1, s2, s3, lows, highs);
    storeFour(y + c + 16, stepY, t0, t1, t2, t3, lows, highs);
  }
}

function storeFour(y: usize, stepY: usize, s0: v128, s1: v128, s2: v128, s3: v128, lows: v128, highs: v128): void {
  v128.store(y, bounded(s0, lows, highs));
  v128.store((y += stepY), bounded(s1, lows, highs));
  v128.store((y += stepY), bounded(s2, lows, highs));
  v128.store(y + stepY, bounded(s3, lows, highs));
}
