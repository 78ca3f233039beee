import { madd, splitAt } from './vector';

/** Rows summed apart before they join the total: near enough for the cache, few enough for the rounding error. */
function rowsPerBlock(columns: i32): i32 {
  return max(32, min(256, 16384 / columns));
}

/**
 * sums[c] += Σ over rows [first, last) of x, for columns [from, to) of [rows, columns].
 */
function addBlock(x: usize, sums: usize, columns: i32, first: i32, last: i32, from: i32, to: i32): void {
  const step = (<usize>columns) << 2;
  const top = x + <usize>first * step;
  let c = from;
  for (; c + 16 <= to; c += 16) {
    let p = top + ((<usize>c) << 2);
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    for (let i = first; i < last; i++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
      p += step;
    }
    const s = sums + ((<usize>c) << 2);
    v128.store(s, f32x4.add(v128.load(s), s0));
    v128.store(s, f32x4.add(v128.load(s, 16), s1), 16);
    v128.store(s, f32x4.add(v128.load(s, 32), s2), 32);
    v128.store(s, f32x4.add(v128.load(s, 48), s3), 48);
  }
  for (; c < to; c++) {
    let p = top + ((<usize>c) << 2);
    let sum: f32 = 0;
    for (let i = first; i < last; i++) {
      sum += load<f32>(p);
      p += step;
    }
    const s = sums + ((<usize>c) << 2);
    store<f32>(s, load<f32>(s) + sum);
  }
}

/** Sums of the columns of x [rows, columns], times `factor`. Columns are split between the parts. */
export function columnSums(x: usize, sums: usize, rows: i32, columns: i32, factor: f32, part: i32, parts: i32): void {
  const from = splitAt(columns, part, parts, 16);
  const to = splitAt(columns, part + 1, parts, 16);
  memory.fill(sums + ((<usize>from) << 2), 0, (<usize>(to - from)) << 2);
  const step = rowsPerBlock(columns);
  for (let i = 0; i < rows; i += step) addBlock(x, sums, columns, i, min(rows, i + step), from, to);
  for (let c = from; c < to; c++) {
    const s = sums + ((<usize>c) << 2);
    store<f32>(s, load<f32>(s) * factor);
  }
}

/**
 * For each column c of x and dy [rows, columns]: sumDy = Σ dy and sumDyX = Σ dy·(x − mean[c]).
 * Columns are split between the parts.
 */
export function centredProducts(
  x: usize,
  dy: usize,
  mean: usize,
  sumDy: usize,
  sumDyX: usize,
  rows: i32,
  columns: i32,
  part: i32,
  parts: i32,
): void {
  const from = (<usize>splitAt(columns, part, parts, 16)) << 2;
  const to = (<usize>splitAt(columns, part + 1, parts, 16)) << 2;
  memory.fill(sumDy + from, 0, to - from);
  memory.fill(sumDyX + from, 0, to - from);
  const step = rowsPerBlock(columns);
  const line = (<usize>columns) << 2;
  for (let first = 0; first < rows; first += step) {
    const last = min(rows, first + step);
    let c = from;
    for (; c + 32 <= to; c += 32) {
      let p = x + <usize>first * line + c;
      let d = dy + <usize>first * line + c;
      const m0 = v128.load(mean + c);
      const m1 = v128.load(mean + c, 16);
      let a0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      let b0 = f32x4.splat(0);
      let b1 = f32x4.splat(0);
      for (let i = first; i < last; i++) {
        const d0 = v128.load(d);
        const d1 = v128.load(d, 16);
        a0 = f32x4.add(a0, d0);
        a1 = f32x4.add(a1, d1);
        b0 = madd(f32x4.sub(v128.load(p), m0), d0, b0);
        b1 = madd(f32x4.sub(v128.load(p, 16), m1), d1, b1);
        p += line;
        d += line;
      }
      v128.store(sumDy + c, f32x4.add(v128.load(sumDy + c), a0));
      v128.store(sumDy + c, f32x4.add(v128.load(sumDy + c, 16), a1), 16);
      v128.store(sumDyX + c, f32x4.add(v128.load(sumDyX + c), b0));
      v128.store(sumDyX + c, f32x4.add(v128.load(sumDyX + c, 16), b1), 16);
    }
    for (; c < to; c += 4) {
      let a: f32 = 0;
      let b: f32 = 0;
      const m = load<f32>(mean + c);
      for (let i = first; i < last; i++) {
        const at = <usize>i * line + c;
        const d = load<f32>(dy + at);
        a += d;
        b += (load<f32>(x + at) - m) * d;
      }
      store<f32>(sumDy + c, load<f32>(sumDy + c) + a);
      store<f32>(sumDyX + c, load<f32>(sumDyX + c) + b);
    }
  }
}

/** Means over rows of (x − mean)², by column: the biased variance. Columns are split between the parts. */
export function columnVariances(
  x: usize,
  mean: usize,
  variance: usize,
  rows: i32,
  columns: i32,
  part: i32,
  parts: i32,
): void {
  const from = (<usize>splitAt(columns, part, parts, 16)) << 2;
  const to = (<usize>splitAt(columns, part + 1, parts, 16)) << 2;
  memory.fill(variance + from, 0, to - from);
  const step = rowsPerBlock(columns);
  const line = (<usize>columns) << 2;
  for (let first = 0; first < rows; first += step) {
    const last = min(rows, first + step);
    let c = from;
    for (; c + 32 <= to; c += 32) {
      let p = x + <usize>first * line + c;
      const m0 = v128.load(mean + c);
      const m1 = v128.load(mean + c, 16);
      let a0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      for (let i = first; i < last; i++) {
        const d0 = f32x4.sub(v128.load(p), m0);
        const d1 = f32x4.sub(v128.load(p, 16), m1);
        a0 = madd(d0, d0, a0);
        a1 = madd(d1, d1, a1);
        p += line;
      }
      v128.store(variance + c, f32x4.add(v128.load(variance + c), a0));
      v128.store(variance + c, f32x4.add(v128.load(variance + c, 16), a1), 16);
    }
    for (; c < to; c += 4) {
      let a: f32 = 0;
      const m = load<f32>(mean + c);
      for (let i = first; i < last; i++) {
        const d = load<f32>(x + <usize>i * line + c) - m;
        a += d * d;
      }
      store<f32>(variance + c, load<f32>(variance + c) + a);
    }
  }
  for (let c = from; c < to; c += 4) store<f32>(variance + c, load<f32>(variance + c) / <f32>rows);
}

/**
 * y = activation(x·a[c] + z·b[c] + k[c]) for each row; z = 0 leaves the middle term out; activation: 0 nothing, 1 relu.
 * Rows are split between the parts.
 */
export function affineColumns(
  x: usize,
  a: usize,
  z: usize,
  b: usize,
  k: usize,
  y: usize,
  rows: i32,
  columns: i32,
  activation: i32,
  part: i32,
  parts: i32,
): void {
  const line = (<usize>columns) << 2;
  const low: f32 = activation ? 0 : -Infinity;
  const lows = f32x4.splat(low);
  const last = splitAt(rows, part + 1, parts, 1);
  for (let i = splitAt(rows, part, parts, 1); i < last; i++) {
    const at = <usize>i * line;
    let c: usize = 0;
    for (; c + 16 <= line; c += 16) {
      let v = madd(v128.load(x + at + c), v128.load(a + c), v128.load(k + c));
      if (z) v = madd(v128.load(z + at + c), v128.load(b + c), v);
      v128.store(y + at + c, f32x4.max(v, lows));
    }
    for (; c < line; c += 4) {
      let v = load<f32>(x + at + c) * load<f32>(a + c);
      if (z) v += load<f32>(z + at + c) * load<f32>(b + c);
      store<f32>(y + at + c, max<f32>(v + load<f32>(k + c), low));
    }
  }
}
