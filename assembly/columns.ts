import { madd, madd1, splitAt } from './vector';

/** Rows summed apart before they join the total: near enough for the cache, few enough for the rounding error. */
export function rowsPerBlock(columns: i32): i32 {
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

/** y = activation(x·a[c] + k[c]) for each row; activation: 0 nothing, 1 relu. Rows are split between the parts. */
export function affineColumns(
  x: usize,
  a: usize,
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
      const v = madd(v128.load(x + at + c), v128.load(a + c), v128.load(k + c));
      v128.store(y + at + c, f32x4.pmax(v, lows));
    }
    for (; c < line; c += 4) {
      store<f32>(y + at + c, max<f32>(madd1(load<f32>(x + at + c), load<f32>(a + c), load<f32>(k + c)), low));
    }
  }
}
