// Products of whole numbers of 16 bits, four pixels by eight filters at a time.
import { activated, bounded, highest, lowest, touch } from './vector';

/** Bytes of a tile for edges, four rows of eight. */
export const TILE_BYTES: usize = 128;

/**
 * Four pixels by eight filters; their worths at `rows` and `columns`, then bias and more as `multiplyPanels` has them, between `low` and `high`. The values of a pixel,
 * `lda` after the one before, lie in `runs` runs of `run`, an even number, `line` bytes apart.
 */
function tile(
  a0: usize,
  lda: usize,
  b: usize,
  run: i32,
  runs: i32,
  line: usize,
  c: usize,
  ldc: usize,
  rows: usize,
  columns: usize,
  bias: usize,
  more: usize,
  low: v128,
  high: v128,
): void {
  const jump = line - ((<usize>(run & ~3)) << 1);
  let a1 = a0 + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let c00 = i32x4.splat(0);
  let c01 = i32x4.splat(0);
  let c10 = i32x4.splat(0);
  let c11 = i32x4.splat(0);
  let c20 = i32x4.splat(0);
  let c21 = i32x4.splat(0);
  let c30 = i32x4.splat(0);
  let c31 = i32x4.splat(0);
  let b0 = i32x4.splat(0);
  let b1 = b0;
  let a = b0;
  if (more) {
    touch(more);
    touch(more + ldc);
    touch(more + 2 * ldc);
    touch(more + 3 * ldc);
  }
  while (runs > 0) {
    let q = run;
    while (q >= 4) {
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      a = v128.load_splat<i32>(a0);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a1);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a2);
      c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0));
      c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a3);
      c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0));
      c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      a = v128.load_splat<i32>(a0, 4);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a1, 4);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a2, 4);
      c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0));
      c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a3, 4);
      c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0));
      c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
      b += 64;
      q -= 4;
    }
    if (q > 0) {
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      a = v128.load_splat<i32>(a0);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a1);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a2);
      c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0));
      c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
      a = v128.load_splat<i32>(a3);
      c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0));
      c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
      b += 32;
    }
    a0 += jump;
    a1 += jump;
    a2 += jump;
    a3 += jump;
    runs--;
  }
  storeRow(c, c00, c01, rows, columns, bias, more, low, high);
  if (more) more += ldc;
  storeRow(c + ldc, c10, c11, rows + 4, columns, bias, more, low, high);
  if (more) more += ldc;
  storeRow(c + 2 * ldc, c20, c21, rows + 8, columns, bias, more, low, high);
  if (more) more += ldc;
  storeRow(c + 3 * ldc, c30, c31, rows + 12, columns, bias, more, low, high);
}

function storeRow(
  c: usize,
  c0: v128,
  c1: v128,
  row: usize,
  columns: usize,
  bias: usize,
  more: usize,
  low: v128,
  high: v128,
): void {
  const worth = v128.load_splat<f32>(row);
  let v0 = f32x4.mul(f32x4.convert_i32x4_s(c0), f32x4.mul(worth, v128.load(columns)));
  let v1 = f32x4.mul(f32x4.convert_i32x4_s(c1), f32x4.mul(worth, v128.load(columns, 16)));
  if (bias) {
    v0 = f32x4.add(v0, v128.load(bias));
    v1 = f32x4.add(v1, v128.load(bias, 16));
  }
  if (more) {
    v0 = f32x4.add(v0, v128.load(more));
    v1 = f32x4.add(v1, v128.load(more, 16));
  }
  v128.store(c, bounded(v0, low, high));
  v128.store(c, bounded(v1, low, high), 16);
}

/** The part of a tile in `spare` that lies inside the result, `high` by `wide`. */
function copyEdge(
  spare: usize,
  c: usize,
  ldc: usize,
  bias: usize,
  more: usize,
  activation: i32,
  high: i32,
  wide: i32,
): void {
  for (let i = 0; i < high; i++) {
    for (let j = 0; j < wide; j++) {
      const at = <usize>i * ldc + ((<usize>j) << 2);
      let v = load<f32>(spare + ((<usize>(8 * i + j)) << 2));
      if (bias) v += load<f32>(bias + ((<usize>j) << 2));
      if (more) v += load<f32>(more + at);
      store<f32>(c + at, activated(v, activation));
    }
  }
}

/**
 * `height` pixels by `width` filters, tile by tile: each of pixels by all panels, `panel` bytes apart, which should stay in the first-level cache (`panelsTogether`). The worths of
 * the next tile of pixels are `step` bytes after those of one.
 */
export function multiplyIntegers(
  a: usize,
  lda: usize,
  b: usize,
  panel: usize,
  run: i32,
  runs: i32,
  line: usize,
  c: usize,
  ldc: usize,
  height: i32,
  width: i32,
  rows: usize,
  step: usize,
  columns: usize,
  bias: usize,
  more: usize,
  activation: i32,
  spare: usize,
): void {
  const least = lowest(activation);
  const most = highest(activation);
  while (height > 0) {
    const high = min(4, height);
    for (let j = 0; j < width; j += 8) {
      const at = (<usize>j) << 2;
      const wide = min(8, width - j);
      const isWhole = wide == 8 && high == 4;
      const biases = bias ? bias + at : 0;
      const addend = more ? more + at : 0;
      tile(
        a,
        lda,
        b + <usize>(j >> 3) * panel,
        run,
        runs,
        line,
        isWhole ? c + at : spare,
        isWhole ? ldc : 32,
        rows,
        columns + at,
        isWhole ? biases : 0,
        isWhole ? addend : 0,
        isWhole ? least : lowest(0),
        isWhole ? most : highest(0),
      );
      if (!isWhole) copyEdge(spare, c + at, ldc, biases, addend, activation, high, wide);
    }
    a += lda << 2;
    c += ldc << 2;
    if (more) more += ldc << 2;
    rows += step;
    height -= 4;
  }
}
