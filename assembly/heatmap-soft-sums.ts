// The sums of soft-argmax, after `peaks`, in the memory of that module.

import { BLOCK, scratchRow, spread } from './heatmap-rows';

const MAGIC: f32 = 12582912.0; // 1.5·2²³: adding it leaves the nearest integer in the low bits

/** The constants of `weigh` as vectors in memory, which V8 reads faster than it builds them. */
function storeConstants(at: usize): void {
  v128.store(at, f32x4.splat(MAGIC));
  v128.store(at + 16, f32x4.splat(0.05761803232542861));
  v128.store(at + 32, f32x4.splat(-0.5));
  v128.store(at + 48, f32x4.splat(1.4427040618840872));
  v128.store(at + 64, f32x4.splat(1));
  v128.store(at + 80, f32x4.splat(-100));
}

/** 2^(scale·(v − peak)) to 5e-7 of itself, and 2⁻¹⁰⁰ for all that is less or no number: 2^f = 1 + f / (f·(a·f − ½) + b). */
function weigh(v: v128, peak: v128, scale: v128, constants: usize): v128 {
  const t = f32x4.pmax(v128.load(constants + 80), f32x4.mul(f32x4.sub(v, peak), scale));
  const magic = v128.load(constants);
  const shifted = f32x4.add(t, magic);
  const f = f32x4.sub(t, f32x4.sub(shifted, magic));
  const slope = f32x4.add(f32x4.mul(f, v128.load(constants + 16)), v128.load(constants + 32));
  const quotient = f32x4.div(f, f32x4.add(f32x4.mul(slope, f), v128.load(constants + 48)));
  return i32x4.add(f32x4.add(v128.load(constants + 64), quotient), i32x4.shl(shifted, 23));
}

/** Adds two lanes of a column: its total to Σw, x times it to Σw·x, its moment to Σw·y. */
function addLanes(sums: usize, step: usize, x: f64, total: v128, moment: v128): void {
  const w = f64x2.promote_low_f32x4(total);
  v128.store(sums, f64x2.add(v128.load(sums), w));
  v128.store(sums + step, f64x2.add(v128.load(sums + step), f64x2.mul(w, f64x2.splat(x))));
  v128.store(sums + 2 * step, f64x2.add(v128.load(sums + 2 * step), f64x2.promote_low_f32x4(moment)));
}

/**
 * After `peaks`: Σw, Σw·x and Σw·(y − the peak's y) of w = 2^(scale·(v − peak)), f64[3][K rounded up to four]. Blocks of
 * a column all of whose values lie below the peak plus `negligible` are left out. A column's sums are float32, those of
 * columns float64.
 */
export function softSums(
  maps: usize,
  width: i32,
  K: i32,
  blocks: i32,
  scratch: usize,
  values: usize,
  cells: usize,
  negligible: f32,
  scale: f32,
  sums: usize,
  constants: usize,
): void {
  storeConstants(constants);
  const row = (<usize>(width * K)) << 2;
  const step = scratchRow(width, K);
  for (let k: usize = 0; k < (<usize>K) << 2; k += 4) {
    store<f32>(values + k, <f32>(load<i32>(cells + k) / width));
  }
  spread(values, width, K, scratch + 2 * step);
  const s = f32x4.splat(scale);
  const margin = f32x4.splat(negligible);
  // The columns' totals and moments take the place of their largest values and of the peaks.
  for (let at: usize = 0; at < row; at += 16) {
    const top = scratch + at;
    const peak = v128.load(top + step);
    const least = f32x4.add(peak, margin);
    let total = f32x4.splat(0);
    let moment = total;
    if (v128.any_true(f32x4.ge(v128.load(top), least))) {
      let p = maps + at;
      let column = top + 3 * step;
      let y = f32x4.sub(total, v128.load(top + 2 * step));
      for (let block = 0; block < blocks; block++, column += step, p += BLOCK * row, y = f32x4.add(y, f32x4.splat(8))) {
        if (!v128.any_true(f32x4.ge(v128.load(column), least))) continue;
        let q = p;
        let z = y;
        for (let half = 0; half < 2; half++, q += 4 * row, z = f32x4.add(z, f32x4.splat(4))) {
          const w0 = weigh(v128.load(q), peak, s, constants);
          const w1 = weigh(v128.load(q + row), peak, s, constants);
          const w2 = weigh(v128.load(q + 2 * row), peak, s, constants);
          const w3 = weigh(v128.load(q + 3 * row), peak, s, constants);
          const two = f32x4.add(w3, w2);
          const three = f32x4.add(two, w1);
          const four = f32x4.add(three, w0);
          const inside = f32x4.add(w3, f32x4.add(two, three)); // w1 + 2·w2 + 3·w3
          total = f32x4.add(total, four);
          moment = f32x4.add(moment, f32x4.add(inside, f32x4.mul(four, z)));
        }
      }
    }
    v128.store(top, total);
    v128.store(top + step, moment);
  }
  const K8 = (<usize>((K + 3) & ~3)) << 3;
  for (let k: usize = 0; k < 3 * K8; k += 16) v128.store(sums + k, f64x2.splat(0));
  let p = scratch;
  for (let x = 0; x < width; x++, p += (<usize>K) << 2) {
    for (let k: usize = 0; k < (<usize>K) << 2; k += 16) {
      const total = v128.load(p + k);
      const moment = v128.load(p + k + step);
      const at = sums + 2 * k;
      addLanes(at, K8, <f64>x, total, moment);
      addLanes(at + 16, K8, <f64>x, i64x2.shuffle(total, total, 1, 0), i64x2.shuffle(moment, moment, 1, 0));
    }
  }
}
