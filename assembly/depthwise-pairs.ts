import * as size from './geometry';
import { bounded, madd } from './vector';

/**
 * A row of `count` outputs, `stepY` bytes apart, of `pixel` bytes each, as `depthwiseRow` forms them at stride 1, of an input with two channels for each: their products
 * are added.
 */
export function pairsRow(
  x: usize,
  rowX: usize,
  rows: i32,
  width: i32,
  start: i32,
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
  const wide: usize = pixel << 1;
  const step = <usize>spacing * wide;
  let i = 0;
  while (i < count) {
    const left = start + i;
    const first = size.firstTap(left, spacing);
    const inside = max(0, size.lastTap(left, spacing, width, taps) - first);
    const areBoth = i + 1 < count && left >= 0 && left + 1 + (taps - 1) * spacing < width;
    const from = x + <usize>(left + first * spacing) * wide;
    const filters = w + <usize>first * tapW;
    const next: usize = areBoth ? wide : 0;
    twoPixels(from, next, rowX, rows, inside, step, filters, rowW, tapW, y, next ? stepY : 0, pixel, bias, low, high);
    const done = areBoth ? 2 : 1;
    y += <usize>done * stepY;
    i += done;
  }
}

/** Two outputs whose taps are all inside, `next` bytes apart in x, or one twice. */
function twoPixels(
  x: usize,
  next: usize,
  rowX: usize,
  rows: i32,
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
  const zero = f32x4.splat(0);
  let c: usize = 0;
  for (; c + 16 <= pixel; c += 16) {
    let s0 = zero;
    let s1 = zero;
    let t0 = zero;
    let t1 = zero;
    for (let ky = 0; ky < rows; ky++) {
      let p = x + <usize>ky * rowX + 2 * c;
      let q = w + <usize>ky * rowW + 2 * c;
      for (let kx = 0; kx < taps; kx++) {
        const w0 = v128.load(q);
        const w1 = v128.load(q, 16);
        s0 = madd(v128.load(p), w0, s0);
        s1 = madd(v128.load(p, 16), w1, s1);
        t0 = madd(v128.load(p + next), w0, t0);
        t1 = madd(v128.load(p + next, 16), w1, t1);
        p += step;
        q += tapW;
      }
    }
    const offset = bias ? v128.load(bias + c) : zero;
    v128.store(y + c, bounded(f32x4.add(offset, sumsOfPairs(s0, s1)), lows, highs));
    v128.store(y + stepY + c, bounded(f32x4.add(offset, sumsOfPairs(t0, t1)), lows, highs));
  }
  for (; c < pixel; c += 4) {
    for (let i: usize = 0; i < 2; i++) {
      let sum: f32 = bias ? load<f32>(bias + c) : 0;
      for (let ky = 0; ky < rows; ky++) {
        let p = x + i * next + <usize>ky * rowX + 2 * c;
        let q = w + <usize>ky * rowW + 2 * c;
        for (let kx = 0; kx < taps; kx++) {
          sum += load<f32>(p) * load<f32>(q) + load<f32>(p, 4) * load<f32>(q, 4);
          p += step;
          q += tapW;
        }
      }
      store<f32>(y + i * stepY + c, min<f32>(max<f32>(sum, low), high));
    }
  }
}

/** The sums of each two values of two vectors. */
function sumsOfPairs(a: v128, b: v128): v128 {
  return f32x4.add(i32x4.shuffle(a, b, 0, 2, 4, 6), i32x4.shuffle(a, b, 1, 3, 5, 7));
}
