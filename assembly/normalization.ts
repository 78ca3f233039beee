// Batch normalisation in training: the statistics of a batch, and the gradients through them.
import { rowsPerBlock } from './columns';
import { madd, madd1, splitAt } from './vector';

/**
 * Mean and biased variance of each column of x [rows, columns]. A block of rows is read twice while it is in the cache, its mean and sum of squares about it
 * join those of the blocks before (Chan, Golub & LeVeque 1979). Columns are split between the parts.
 */
export function columnStatistics(
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
  memory.fill(mean + from, 0, to - from);
  memory.fill(variance + from, 0, to - from);
  const step = rowsPerBlock(columns);
  const line = (<usize>columns) << 2;
  for (let first = 0; first < rows; first += step) {
    const count = min(rows - first, step);
    const block = x + <usize>first * line;
    let c = from;
    for (; c + 64 <= to; c += 64) {
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      let p = block + c;
      for (let i = 0; i < count; i++) {
        s0 = f32x4.add(s0, v128.load(p));
        s1 = f32x4.add(s1, v128.load(p, 16));
        s2 = f32x4.add(s2, v128.load(p, 32));
        s3 = f32x4.add(s3, v128.load(p, 48));
        p += line;
      }
      const share = f32x4.splat(<f32>1 / <f32>count);
      const m0 = f32x4.mul(s0, share);
      const m1 = f32x4.mul(s1, share);
      const m2 = f32x4.mul(s2, share);
      const m3 = f32x4.mul(s3, share);
      s0 = f32x4.splat(0);
      s1 = f32x4.splat(0);
      s2 = f32x4.splat(0);
      s3 = f32x4.splat(0);
      p = block + c;
      for (let i = 0; i < count; i++) {
        const d0 = f32x4.sub(v128.load(p), m0);
        const d1 = f32x4.sub(v128.load(p, 16), m1);
        const d2 = f32x4.sub(v128.load(p, 32), m2);
        const d3 = f32x4.sub(v128.load(p, 48), m3);
        s0 = madd(d0, d0, s0);
        s1 = madd(d1, d1, s1);
        s2 = madd(d2, d2, s2);
        s3 = madd(d3, d3, s3);
        p += line;
      }
      join(mean + c, variance + c, m0, s0, first, count);
      join(mean + c + 16, variance + c + 16, m1, s1, first, count);
      join(mean + c + 32, variance + c + 32, m2, s2, first, count);
      join(mean + c + 48, variance + c + 48, m3, s3, first, count);
    }
    for (; c < to; c += 4) {
      let sum: f32 = 0;
      for (let i = 0; i < count; i++) sum += load<f32>(block + <usize>i * line + c);
      const own = sum / <f32>count;
      let squares: f32 = 0;
      for (let i = 0; i < count; i++) {
        const d = load<f32>(block + <usize>i * line + c) - own;
        squares += d * d;
      }
      const before = load<f32>(mean + c);
      const share = <f32>count / <f32>(first + count);
      const d = own - before;
      store<f32>(mean + c, before + d * share);
      store<f32>(variance + c, load<f32>(variance + c) + squares + d * d * share * <f32>first);
    }
  }
  for (let c = from; c < to; c += 4) store<f32>(variance + c, load<f32>(variance + c) / <f32>rows);
}

/** Four columns of a block of `count` rows, their means and squares about them, join those of the `first` rows before. */
function join(mean: usize, variance: usize, own: v128, squares: v128, first: i32, count: i32): void {
  const share = <f32>count / <f32>(first + count);
  const before = v128.load(mean);
  const d = f32x4.sub(own, before);
  v128.store(mean, madd(d, f32x4.splat(share), before));
  const between = f32x4.mul(f32x4.mul(d, d), f32x4.splat(share * <f32>first));
  v128.store(variance, f32x4.add(v128.load(variance), f32x4.add(squares, between)));
}

/**
 * For each column c of x and dy [rows, columns]: sumDy = Σ dy and sumDyX = Σ dy·(x − mean[c]), where `factor` is not 0 only over the values of which
 * x·factor[c] + shift[c] is positive, as the ReLU after the normalisation has it. Columns are split between the parts.
 */
export function normalizationSums(
  x: usize,
  dy: usize,
  mean: usize,
  sumDy: usize,
  sumDyX: usize,
  factor: usize,
  shift: usize,
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
  const zero = f32x4.splat(0);
  // Without a ReLU 0·x + 1 is positive for every x but an infinite one, of which nothing is finite anyway.
  let f0 = zero;
  let f1 = zero;
  let k0 = f32x4.splat(1);
  let k1 = k0;
  for (let first = 0; first < rows; first += step) {
    const last = min(rows, first + step);
    let c = from;
    for (; c + 32 <= to; c += 32) {
      let p = x + <usize>first * line + c;
      let d = dy + <usize>first * line + c;
      const m0 = v128.load(mean + c);
      const m1 = v128.load(mean + c, 16);
      if (factor) {
        f0 = v128.load(factor + c);
        f1 = v128.load(factor + c, 16);
        k0 = v128.load(shift + c);
        k1 = v128.load(shift + c, 16);
      }
      let a0 = zero;
      let a1 = zero;
      let b0 = zero;
      let b1 = zero;
      for (let i = first; i < last; i++) {
        const x0 = v128.load(p);
        const x1 = v128.load(p, 16);
        const d0 = v128.and(v128.load(d), f32x4.gt(madd(x0, f0, k0), zero));
        const d1 = v128.and(v128.load(d, 16), f32x4.gt(madd(x1, f1, k1), zero));
        a0 = f32x4.add(a0, d0);
        a1 = f32x4.add(a1, d1);
        b0 = madd(f32x4.sub(x0, m0), d0, b0);
        b1 = madd(f32x4.sub(x1, m1), d1, b1);
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
        const v = load<f32>(x + at);
        if (factor && !(madd1(v, load<f32>(factor + c), load<f32>(shift + c)) > 0)) continue;
        const d = load<f32>(dy + at);
        a += d;
        b += (v - m) * d;
      }
      store<f32>(sumDy + c, load<f32>(sumDy + c) + a);
      store<f32>(sumDyX + c, load<f32>(sumDyX + c) + b);
    }
  }
}

/**
 * The gradient of x, dx = dy·a[c] + x·b[c] + k[c] for each row, dy taken as 0 where a ReLU after the normalisation gave nothing: see `normalizationSums`.
 * Rows are split between the parts.
 */
export function normalizationGradient(
  dy: usize,
  a: usize,
  x: usize,
  b: usize,
  k: usize,
  factor: usize,
  shift: usize,
  dx: usize,
  rows: i32,
  columns: i32,
  part: i32,
  parts: i32,
): void {
  const line = (<usize>columns) << 2;
  const zero = f32x4.splat(0);
  const last = splitAt(rows, part + 1, parts, 1);
  for (let i = splitAt(rows, part, parts, 1); i < last; i++) {
    const at = <usize>i * line;
    let c: usize = 0;
    for (; c + 16 <= line; c += 16) {
      const v = v128.load(x + at + c);
      let d = v128.load(dy + at + c);
      if (factor) d = v128.and(d, f32x4.gt(madd(v, v128.load(factor + c), v128.load(shift + c)), zero));
      v128.store(dx + at + c, madd(v, v128.load(b + c), madd(d, v128.load(a + c), v128.load(k + c))));
    }
    for (; c < line; c += 4) {
      const v = load<f32>(x + at + c);
      let d = load<f32>(dy + at + c);
      if (factor && !(madd1(v, load<f32>(factor + c), load<f32>(shift + c)) > 0)) d = 0;
      store<f32>(dx + at + c, madd1(v, load<f32>(b + c), madd1(d, load<f32>(a + c), load<f32>(k + c))));
    }
  }
}
