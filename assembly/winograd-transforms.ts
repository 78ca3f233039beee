// The two-dimensional transforms of Winograd's minimal filtering F(m×m, 3×3), m = 2 or 4, F(3×3, 2×2) and F(3×3, 4×4): those of `winograd-lines.ts` over the columns, then over the
// rows, by way of `spare` (SPARE bytes).
import { fourOf } from './vector';
import {
  NEAR,
  data4,
  data6,
  filter4,
  filter6,
  filterGradient6,
  gradient6,
  output3,
  output4,
  output6,
  outputThree,
} from './winograd-lines';

/** Space for a tile of 6 × 6 vectors, and for one of 4 × 4. */
export const SPARE: usize = 832;

/** Bytes between the rows of a tile in SPARE. */
const ROW: usize = 96;

/**
 * BᵀdB: a tile of side × side pixels, `bytes` of each, rows `pitch` and pixels `pixel` apart, at v for position 0, `positions` bytes further for each
 * position after.
 */
export function transformData(
  side: i32,
  from: usize,
  pitch: usize,
  pixel: usize,
  bytes: usize,
  v: usize,
  positions: usize,
  spare: usize,
): void {
  const near = fourOf(NEAR, spare);
  const half = fourOf(0.5, spare);
  for (let c: usize = 0; c < bytes; c += 16) {
    if (side == 6) {
      for (let i: usize = 0; i < 6; i++) data6<u32>(from + c + i * pixel, pitch, spare + (i << 4), ROW, near, half);
      for (let i: usize = 0; i < 6; i++) {
        data6<u64>(spare + i * ROW, 16, v + c + i * 6 * positions, positions, near, half);
      }
    } else {
      for (let i: usize = 0; i < 4; i++) data4<u32>(from + c + i * pixel, pitch, spare + (i << 4), ROW);
      for (let i: usize = 0; i < 4; i++) data4<u64>(spare + i * ROW, 16, v + c + i * 4 * positions, positions);
    }
  }
}

/**
 * BᵀdB of the 6 × 6 cells of 2 × 2 pixels that a tile of F(3, 4) at stride 2 meets: twelve rows of twelve pixels of `pixel` bytes, at least eight, `pitch` apart. A cell is the values of its
 * upper two pixels, then of its lower two; at v and `positions` as `transformData`. Spare: twelve rows of six halves of cells in whole vectors.
 */
export function transformCells(
  from: usize,
  pitch: usize,
  pixel: usize,
  v: usize,
  positions: usize,
  spare: usize,
): void {
  const near = fourOf(NEAR, spare);
  const half = fourOf(0.5, spare);
  const pair: usize = pixel << 1;
  const vectors: usize = (pair + 15) & ~15;
  const row: usize = 6 * vectors;
  for (let c: usize = 0; c < vectors; c += 16) {
    // The last four values of a pair may overlap those before.
    const at = min(c, pair - 16);
    for (let i: usize = 0; i < 12; i++) {
      data6<i32>(from + i * pitch + at, pair, spare + i * row + c, vectors, near, half);
    }
    for (let i: usize = 0; i < 12; i++) {
      const line = i >> 1;
      const lower = i & 1;
      const to = v + line * positions + lower * pair + at;
      data6<i64>(spare + lower * row + line * vectors + c, 2 * row, to, 6 * positions, near, half);
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
  const half = fourOf(0.5, spare);
  const third = fourOf(1.0 / 3, spare);
  const odd = fourOf(NEAR / 3, spare);
  for (let c: usize = 0; c < count; c += 16) {
    if (m == 4) {
      for (let i: usize = 0; i < 3; i++) {
        filter6<u32>(g + c + i * bytes, 3 * bytes, spare + (i << 4), ROW, half, third, odd);
      }
      for (let i: usize = 0; i < 6; i++) {
        filter6<u64>(spare + i * ROW, 16, u + c + i * 6 * positions, positions, half, third, odd);
      }
    } else {
      for (let i: usize = 0; i < 3; i++) filter4<u32>(g + c + i * bytes, 3 * bytes, spare + (i << 4), ROW, half);
      for (let i: usize = 0; i < 4; i++) filter4<u64>(spare + i * ROW, 16, u + c + i * 4 * positions, positions, half);
    }
  }
}

/**
 * AᵀMA + offset + more, between `low` and `high`, of four channels at M, side × side positions `positions` apart, to m × m vectors at `to`, rows `pitch` and pixels `pixel` apart;
 * `more` lies as they do, 0 for nothing. `near` and `half`: NEAR and ½, four times.
 */
export function transformOutput(
  m: i32,
  side: i32,
  at: usize,
  positions: usize,
  to: usize,
  pitch: usize,
  pixel: usize,
  near: v128,
  half: v128,
  offset: v128,
  more: usize,
  low: v128,
  high: v128,
  spare: usize,
): void {
  const next: usize = more ? pitch : 0;
  if (m == 4) {
    for (let i: usize = 0; i < 6; i++) {
      output6<u32>(at + i * positions, 6 * positions, spare + (i << 4), ROW, near, half, offset, 0, low, high);
    }
    for (let i: usize = 0; i < 4; i++) {
      output6<u64>(spare + i * ROW, 16, to + i * pitch, pixel, near, half, offset, more + i * next, low, high);
    }
  } else if (side == 6) {
    for (let i: usize = 0; i < 6; i++) {
      output3<u32>(at + i * positions, 6 * positions, spare + (i << 4), ROW, near, half, offset, 0, low, high);
    }
    for (let i: usize = 0; i < 3; i++) {
      output3<u64>(spare + i * ROW, 16, to + i * pitch, pixel, near, half, offset, more + i * next, low, high);
    }
  } else if (m == 3) {
    for (let i: usize = 0; i < 4; i++) {
      outputThree<u32>(at + i * positions, 4 * positions, spare + (i << 4), ROW, offset, 0, low, high);
    }
    for (let i: usize = 0; i < 3; i++) {
      outputThree<u64>(spare + i * ROW, 16, to + i * pitch, pixel, offset, more + i * next, low, high);
    }
  } else {
    for (let i: usize = 0; i < 4; i++) {
      output4<u32>(at + i * positions, 4 * positions, spare + (i << 4), ROW, offset, 0, low, high);
    }
    for (let i: usize = 0; i < 2; i++) {
      output4<u64>(spare + i * ROW, 16, to + i * pitch, pixel, offset, more + i * next, low, high);
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
  const near = fourOf(NEAR, spare);
  const half = fourOf(0.5, spare);
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let i: usize = 0; i < 4; i++) gradient6<u32>(from + c + i * bytes, pitch, spare + (i << 4), ROW, near, half);
    for (let i: usize = 0; i < 6; i++) {
      gradient6<u64>(spare + i * ROW, 16, v + c + i * 6 * positions, positions, near, half);
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
  const half = fourOf(0.5, spare);
  const third = fourOf(1.0 / 3, spare);
  const odd = fourOf(NEAR / 3, spare);
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let i: usize = 0; i < 6; i++) {
      filterGradient6<u32>(u + c + i * positions, 6 * positions, spare + (i << 4), ROW, half, third, odd);
    }
    for (let i: usize = 0; i < 3; i++) {
      filterGradient6<u64>(spare + i * ROW, 16, dw + c + i * 3 * taps, taps, half, third, odd);
    }
  }
}
