// Pointwise convolutions in integers of 16 bits: each pixel is scaled by its own largest value, each filter was by its own, and the
// products of pairs are added up in 32 bits, which the levels are chosen not to overflow (`packIntegers` on the TypeScript side).
import { packedBias } from './packed-convolution';
import { activated, splitAt } from './vector';

/** Pixels made whole numbers at a time, in whole tiles of four. */
const ROWS: i32 = 24;

/** Bytes of a tile for edges, four rows of eight. */
const TILE_BYTES: usize = 128;

/** A pixel of `k` values, a multiple of eight, in whole numbers up to `levels`; returns what one of them is worth. */
function quantize(x: usize, k: i32, levels: f32, to: usize): f32 {
  const end = x + ((<usize>k) << 2);
  let largest = f32x4.splat(0);
  for (let p = x; p < end; p += 32) {
    largest = f32x4.max(largest, f32x4.abs(v128.load(p)));
    largest = f32x4.max(largest, f32x4.abs(v128.load(p, 16)));
  }
  const most = max<f32>(
    max<f32>(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max<f32>(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  const factor = f32x4.splat(most > 0 ? levels / most : 0);
  for (let p = x; p < end; p += 32) {
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(p), factor)));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(p, 16), factor)));
    v128.store(to, i16x8.narrow_i32x4_s(low, high));
    to += 16;
  }
  return most / levels;
}

/** Four pixels by eight filters; their worths at `rows` and `columns`, then bias, more, activation as `multiplyPanels` has them. */
function tile(
  a0: usize,
  lda: usize,
  b: usize,
  k: i32,
  c: usize,
  ldc: usize,
  rows: usize,
  columns: usize,
  bias: usize,
  more: usize,
  activation: i32,
): void {
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
  while (k > 0) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let a = v128.load_splat<i32>(a0);
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
    k -= 4;
  }
  storeRow(c, c00, c01, rows, columns, bias, more, activation);
  if (more) more += ldc;
  storeRow(c + ldc, c10, c11, rows + 4, columns, bias, more, activation);
  if (more) more += ldc;
  storeRow(c + 2 * ldc, c20, c21, rows + 8, columns, bias, more, activation);
  if (more) more += ldc;
  storeRow(c + 3 * ldc, c30, c31, rows + 12, columns, bias, more, activation);
}

function storeRow(
  c: usize,
  low: v128,
  high: v128,
  row: usize,
  columns: usize,
  bias: usize,
  more: usize,
  activation: i32,
): void {
  const worth = v128.load_splat<f32>(row);
  let v0 = f32x4.mul(f32x4.convert_i32x4_s(low), f32x4.mul(worth, v128.load(columns)));
  let v1 = f32x4.mul(f32x4.convert_i32x4_s(high), f32x4.mul(worth, v128.load(columns, 16)));
  if (bias) {
    v0 = f32x4.add(v0, v128.load(bias));
    v1 = f32x4.add(v1, v128.load(bias, 16));
  }
  if (more) {
    v0 = f32x4.add(v0, v128.load(more));
    v1 = f32x4.add(v1, v128.load(more, 16));
  }
  if (activation) {
    const zero = f32x4.splat(0);
    v0 = f32x4.max(v0, zero);
    v1 = f32x4.max(v1, zero);
  }
  v128.store(c, v0);
  v128.store(c, v1, 16);
}

/** The part of a tile that lies inside the result, by way of a whole one in `spare`. */
function edge(
  a: usize,
  lda: usize,
  b: usize,
  k: i32,
  c: usize,
  ldc: usize,
  rows: usize,
  columns: usize,
  bias: usize,
  more: usize,
  activation: i32,
  high: i32,
  wide: i32,
  spare: usize,
): void {
  tile(a, lda, b, k, spare, 32, rows, columns, 0, 0, 0);
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
 * As `packedPointwise`, filters as `packIntegers` has them: the levels of a pixel as a float, the worth of each filter padded to eights, then
 * panels of eight filters, pairs of k side by side. Scratch: TILE_BYTES, `columns` floats, ROWS floats, ROWS·k whole numbers.
 */
export function integerPointwise(
  x: usize,
  packed: usize,
  y: usize,
  images: i32,
  pixels: i32,
  k: i32,
  columns: i32,
  bias: usize,
  row: usize,
  more: usize,
  activation: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const count = images * pixels;
  const last = splitAt(count, part + 1, parts, 4);
  const levels = load<f32>(packed);
  const worths = packed + 16;
  const panels = worths + ((<usize>((columns + 7) & ~7)) << 2);
  const sums = scratch + TILE_BYTES;
  const rowWorths = sums + ((<usize>columns) << 2);
  const whole = rowWorths + ((<usize>ROWS) << 2);
  const lda = (<usize>k) << 1;
  const ldc = (<usize>columns) << 2;
  let i = splitAt(count, part, parts, 4);
  while (i < last) {
    const image = i / pixels;
    const end = min(i + ROWS, row ? min(last, (image + 1) * pixels) : last);
    for (let r = i; r < end; r++) {
      const to = <usize>(r - i);
      store<f32>(rowWorths + (to << 2), quantize(x + ((<usize>r * <usize>k) << 2), k, levels, whole + to * lda));
    }
    const biases = packedBias(bias, row, image, columns, sums);
    for (let j = 0; j < columns; j += 8) {
      const at = (<usize>j) << 2;
      const wide = min(8, columns - j);
      for (let r = i; r < end; r += 4) {
        const from = <usize>(r - i);
        const line = <usize>r * ldc + at;
        const high = min(4, end - r);
        const a = whole + from * lda;
        const b = panels + <usize>j * lda;
        const rows = rowWorths + (from << 2);
        const offsets = biases ? biases + at : 0;
        const addend = more ? more + line : 0;
        if (wide == 8 && high == 4) {
          tile(a, lda, b, k, y + line, ldc, rows, worths + at, offsets, addend, activation);
        } else {
          edge(a, lda, b, k, y + line, ldc, rows, worths + at, offsets, addend, activation, high, wide, scratch);
        }
      }
    }
    i = end;
  }
}
