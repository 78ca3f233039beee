import * as size from './geometry';
import { madd } from './vector';

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
  let i = 0;
  while (i < count) {
    const left = start + i * stride;
    if (vectors && count - i >= 4 && left >= 0 && left + reach < width) {
      const from = x + <usize>left * pixel;
      if (taps == 3 && spacing == 1 && stride == 1) {
        threeTaps(from, rowX, rows, w, rowW, tapW, y, stepY, pixel, bias, low, high);
      } else fourPixels(from, rowX, rows, next, taps, step, w, rowW, tapW, y, stepY, pixel, bias, low, high);
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
    v128.store(y + c, f32x4.pmin(f32x4.pmax(s0, lows), highs));
    v128.store(y + c, f32x4.pmin(f32x4.pmax(s1, lows), highs), 16);
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

/** Four outputs side by side of a filter three wide: each value of the input is loaded once for all that it meets. */
function threeTaps(
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
      let p = x + <usize>ky * rowX + c;
      const q = w + <usize>ky * rowW + c;
      const w0 = v128.load(q);
      const w1 = v128.load(q + tapW);
      const w2 = v128.load(q + 2 * tapW);
      let v = v128.load(p);
      s0 = madd(v, w0, s0);
      v = v128.load((p += pixel));
      s0 = madd(v, w1, s0);
      s1 = madd(v, w0, s1);
      v = v128.load((p += pixel));
      s0 = madd(v, w2, s0);
      s1 = madd(v, w1, s1);
      s2 = madd(v, w0, s2);
      v = v128.load((p += pixel));
      s1 = madd(v, w2, s1);
      s2 = madd(v, w1, s2);
      s3 = madd(v, w0, s3);
      v = v128.load((p += pixel));
      s2 = madd(v, w2, s2);
      s3 = madd(v, w1, s3);
      v = v128.load(p + pixel);
      s3 = madd(v, w2, s3);
    }
    storeFour(y + c, stepY, s0, s1, s2, s3, lows, highs);
  }
}

function storeFour(y: usize, stepY: usize, s0: v128, s1: v128, s2: v128, s3: v128, lows: v128, highs: v128): void {
  v128.store(y, f32x4.pmin(f32x4.pmax(s0, lows), highs));
  v128.store((y += stepY), f32x4.pmin(f32x4.pmax(s1, lows), highs));
  v128.store((y += stepY), f32x4.pmin(f32x4.pmax(s2, lows), highs));
  v128.store(y + stepY, f32x4.pmin(f32x4.pmax(s3, lows), highs));
}
