// Convolutions by Strassen's seven products of halves in place of eight, in the form of Winograd with fifteen sums, as Knuth gives it (TAOCP 2, 4.6.4):
// of pairs of tiles of rows, of pairs of panels, and of the halves of k. The sums of filters are made once, on the TypeScript side (`packStrassen`).
import { LEFT_BYTES, TILE_BYTES, TILE_ROWS, pixelsPerBlock } from './blocking';
import * as size from './geometry';
import { packLeft } from './pack';
import { packedBias } from './packed-convolution';
import { edge, tile } from './tile';
import { unfold } from './unfold';
import { splitAt } from './vector';

/** Rows of a pair of tiles. */
const PAIR: i32 = 2 * TILE_ROWS;

/** Pairs of tiles whose halves and sums, eight panels of half of k, are worked on at a time. */
function pairsTogether(k: i32): i32 {
  return max(1, LEFT_BYTES / (k * PAIR * 8));
}

/** The halves of at most two tiles of `a` (rows of k) and their sums: A11, A21, A12, A22, S1, S2, S3, S4, each a panel of `unit` bytes. */
function packPair(a: usize, k: i32, rows: i32, unit: usize, out: usize): void {
  const half = k >> 1;
  const line = (<usize>k) << 2;
  if (rows <= TILE_ROWS) memory.fill(out, 0, 4 * unit);
  packLeft(a, line, 4, rows, half, out);
  packLeft(a + (line >> 1), line, 4, rows, half, out + 2 * unit);
  for (const end = out + unit; out < end; out += 16) {
    const a11 = v128.load(out);
    const a21 = v128.load(out + unit);
    const s1 = f32x4.add(a21, v128.load(out + 3 * unit));
    const s2 = f32x4.sub(s1, a11);
    v128.store(out + 4 * unit, s1);
    v128.store(out + 5 * unit, s2);
    v128.store(out + 6 * unit, f32x4.sub(a11, a21));
    v128.store(out + 7 * unit, f32x4.sub(v128.load(out + 2 * unit), s2));
  }
}

/** The sum of two tiles. */
function addTiles(p: usize, q: usize, to: usize): void {
  for (let at: usize = 0; at < <usize>TILE_ROWS * 32; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(p + at), v128.load(q + at)));
  }
}

/** A tile of the result, of which `rows` lie inside: packed left · packed right + `first`, then what `multiplyPanels` says. */
function finish(
  left: usize,
  right: usize,
  half: i32,
  first: usize,
  c: usize,
  ldc: usize,
  bias: usize,
  more: usize,
  activation: i32,
  rows: i32,
  spare: usize,
): void {
  if (rows >= TILE_ROWS) tile(left, right, half, c, ldc, first, 32, bias, more, activation);
  else if (rows > 0) edge(left, right, half, c, ldc, first, 32, bias, more, activation, rows, 8, spare);
}

/** A pair of tiles by a pair of panels; `scratch`: four tiles. */
function multiplyPair(
  left: usize,
  right: usize,
  half: i32,
  c: usize,
  ldc: usize,
  bias: usize,
  more: usize,
  activation: i32,
  rows: i32,
  scratch: usize,
): void {
  const unit = (<usize>(half * TILE_ROWS)) << 2;
  const panel = (<usize>half) << 5;
  const t0 = scratch;
  const t1 = t0 + TILE_BYTES;
  const t2 = t1 + TILE_BYTES;
  const spare = t2 + TILE_BYTES;
  const down = <usize>TILE_ROWS * ldc;
  const beside = bias ? bias + 32 : 0;
  const moreBeside = more ? more + 32 : 0;
  const moreDown = more ? more + down : 0;
  const moreAcross = more ? more + down + 32 : 0;
  const lower = rows - TILE_ROWS;
  tile(left, right, half, t0, 32, 0, 0, 0, 0, 0);
  finish(left + 2 * unit, right + panel, half, t0, c, ldc, bias, more, activation, rows, spare);
  tile(left + 5 * unit, right + 2 * panel, half, t0, 32, t0, 32, 0, 0, 0);
  tile(left + 4 * unit, right + 3 * panel, half, t1, 32, 0, 0, 0, 0, 0);
  addTiles(t0, t1, t2);
  finish(left + 7 * unit, right + 4 * panel, half, t2, c + 32, ldc, beside, moreBeside, activation, rows, spare);
  tile(left + 6 * unit, right + 5 * panel, half, t0, 32, t0, 32, 0, 0, 0);
  addTiles(t0, t1, t2);
  finish(left, right, 0, t2, c + down + 32, ldc, beside, moreAcross, activation, lower, spare);
  finish(left + 3 * unit, right + 6 * panel, half, t0, c + down, ldc, bias, moreDown, activation, lower, spare);
}

/** c[rows, columns] = activation(a · packed + bias + more), a [rows, k] and more row by row; scratch: four tiles, and the panels of the pairs together. */
function multiplyPairs(
  a: usize,
  k: i32,
  packed: usize,
  c: usize,
  rows: i32,
  columns: i32,
  bias: usize,
  more: usize,
  activation: i32,
  scratch: usize,
): void {
  const half = k >> 1;
  const unit = (<usize>(half * TILE_ROWS)) << 2;
  const ldc = (<usize>columns) << 2;
  const panels = (<usize>(7 * half)) << 5;
  const left = scratch + 4 * TILE_BYTES;
  const step = pairsTogether(k) * PAIR;
  for (let from = 0; from < rows; from += step) {
    const end = min(rows, from + step);
    for (let i = from; i < end; i += PAIR) {
      const to = left + <usize>((i - from) / PAIR) * 8 * unit;
      packPair(a + ((<usize>i * <usize>k) << 2), k, min(PAIR, end - i), unit, to);
    }
    for (let j = 0; j < columns; j += 16) {
      const at = (<usize>j) << 2;
      const right = packed + <usize>(j >> 4) * panels;
      for (let i = from; i < end; i += PAIR) {
        const to = <usize>i * ldc + at;
        multiplyPair(
          left + <usize>((i - from) / PAIR) * 8 * unit,
          right,
          half,
          c + to,
          ldc,
          bias ? bias + at : 0,
          more ? more + to : 0,
          activation,
          min(PAIR, end - i),
          scratch,
        );
      }
    }
  }
}

/**
 * As `packedConvolution`, k a multiple of eight, columns of sixteen; filters as `packStrassen` has them. Pairs of tiles, from the first pixel of all or, where there is a
 * row, of the image, are split between the parts. Scratch: four tiles, the panels of the pairs together, `columns` floats, and unless the filter is `isPointwise` a block of
 * unfolded pixels.
 */
export function strassenConvolution(
  x: usize,
  packed: usize,
  y: usize,
  g: usize,
  bias: usize,
  row: usize,
  more: usize,
  activation: i32,
  isPointwise: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const columns = size.outChannels(g);
  const k = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const pixels = size.outHeight(g) * size.outWidth(g);
  const images = size.batch(g);
  const each = row ? pixels : images * pixels;
  const pairs = (each + PAIR - 1) / PAIR;
  const total = row ? images * pairs : pairs;
  const line = (<usize>columns) << 2;
  const sums = scratch + 4 * TILE_BYTES + <usize>pairsTogether(k) * <usize>(k * PAIR * 8);
  const unfolded = (sums + line + 15) & ~15;
  const together = isPointwise ? pairs : max(1, pixelsPerBlock(k) / PAIR);
  const last = splitAt(total, part + 1, parts, 1);
  let pair = splitAt(total, part, parts, 1);
  while (pair < last) {
    const image = pair / pairs;
    const end = min(min(last, pair + together), (image + 1) * pairs);
    const from = (pair % pairs) * PAIR;
    const rows = min(each - from, (end - pair) * PAIR);
    const pixel = image * each + from;
    const biases = packedBias(bias, row, image, columns, sums);
    const at = <usize>pixel * line;
    let a = x + ((<usize>pixel * <usize>k) << 2);
    if (!isPointwise) {
      unfold(x, g, pixel, rows, 0, k, unfolded);
      a = unfolded;
    }
    multiplyPairs(a, k, packed, y + at, rows, columns, biases, more ? more + at : 0, activation, scratch);
    pair = end;
  }
}
