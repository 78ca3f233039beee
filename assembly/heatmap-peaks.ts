// The pass over heatmaps that every decoder needs. A module of its own, so that an import of `argmax` does not hold the sums of soft-argmax.

import { BLOCK, scratchRow, spread } from './heatmap-rows';

/**
 * Each channel's first maximum: values f32[K rounded up to four], cells i32[K]; −∞ and 0 where there is no number. What it leaves in the
 * scratch memory is for `softSums`.
 */
export function peaks(maps: usize, width: i32, K: i32, blocks: i32, scratch: usize, values: usize, cells: usize): void {
  const row = (<usize>(width * K)) << 2;
  const step = scratchRow(width, K);
  const none = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < row; at += 16) v128.store(scratch + at, none);
  let p = maps;
  let columns = scratch + 3 * step;
  for (let block = 0; block < blocks; block++, p += BLOCK * row, columns += step) {
    for (let at: usize = 0; at < row; at += 16) {
      const q = p + at;
      const a = f32x4.pmax(f32x4.pmax(none, v128.load(q)), v128.load(q + row));
      const b = f32x4.pmax(f32x4.pmax(none, v128.load(q + 2 * row)), v128.load(q + 3 * row));
      const c = f32x4.pmax(f32x4.pmax(none, v128.load(q + 4 * row)), v128.load(q + 5 * row));
      const d = f32x4.pmax(f32x4.pmax(none, v128.load(q + 6 * row)), v128.load(q + 7 * row));
      const largest = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
      v128.store(columns + at, largest);
      v128.store(scratch + at, f32x4.pmax(v128.load(scratch + at), largest));
    }
  }
  const cell = (<usize>K) << 2;
  for (let k: usize = 0; k < cell; k += 16) {
    let largest = none;
    for (let q = scratch + k; q < scratch + row; q += cell) largest = f32x4.pmax(largest, v128.load(q));
    v128.store(values + k, largest);
  }
  spread(values, width, K, scratch + step);
  firstCells(maps, width, K, blocks, scratch, values, cells);
}

function firstCells(maps: usize, width: i32, K: i32, blocks: i32, scratch: usize, values: usize, cells: usize): void {
  const row = (<usize>(width * K)) << 2;
  const step = scratchRow(width, K);
  for (let k = 0; k < K; k++) store<i32>(cells + ((<usize>k) << 2), i32.MAX_VALUE);
  for (let at: usize = 0; at < row; at += 16) {
    let hits = i32x4.bitmask(f32x4.eq(v128.load(scratch + at), v128.load(scratch + step + at)));
    for (let i = at; hits != 0 && i < row; i += 4, hits >>= 1) {
      if ((hits & 1) == 0) continue;
      const x = <i32>(i >> 2) / K;
      const k = (<usize>(<i32>(i >> 2) % K)) << 2;
      const peak = load<f32>(values + k);
      if (peak == -Infinity) continue;
      let block = 0;
      while (load<f32>(scratch + (3 + <usize>block) * step + i) != peak) block++;
      let y = block * BLOCK;
      while (load<f32>(maps + <usize>y * row + i) != peak) y++;
      store<i32>(cells + k, min(load<i32>(cells + k), y * width + x));
    }
  }
  for (let k = 0; k < K; k++) {
    const at = (<usize>k) << 2;
    const cell = load<i32>(cells + at);
    if (cell == i32.MAX_VALUE) store<i32>(cells + at, 0);
    else store<f32>(values + at, load<f32>(maps + ((<usize>(cell * K)) << 2) + at)); // of equal zeros, the first one's sign
  }
}
