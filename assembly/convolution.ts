import { DEPTH, LEFT_BYTES, TILE_BYTES, TILE_ROWS, pixelsPerBlock } from './blocking';
import * as size from './geometry';
import { multiplyBlock } from './matrix-product';
import { packRight } from './pack';
import { packedConvolution } from './packed-convolution';
import { multiplyPacked, packAll, packFilter } from './packed-product';
import { fold, unfold } from './unfold';
import { addRun, splitAt } from './vector';

/** Bytes of the unfolded block. */
function unfoldedBytes(values: i32): usize {
  return (<usize>(pixelsPerBlock(values) * values)) << 2;
}

/**
 * y = activation(x * w + bias) by unfolding blocks of pixels. Output pixels are split between the parts.
 * Scratch for each part: TILE_BYTES + LEFT_BYTES + the unfolded block + ⌈out/8⌉·8·taps·in floats.
 */
export function convolution(
  x: usize,
  w: usize,
  y: usize,
  g: usize,
  bias: usize,
  activation: i32,
  scratch: usize,
  stride: usize,
  part: i32,
  parts: i32,
): void {
  const columns = size.outChannels(g);
  const k = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const own = scratch + <usize>part * stride;
  const right = own + TILE_BYTES + LEFT_BYTES + unfoldedBytes(k);
  packFilter(w, right, k, columns);
  packedConvolution(x, right, y, g, bias, 0, 0, activation, own, part, parts);
}

/**
 * dw[part] = unfolded xᵀ · dy over the part's share of the output pixels; dw holds a filter for each part, `filterBytes`
 * apart, which `addParts` adds up.
 * Scratch for each part: TILE_BYTES + LEFT_BYTES + the unfolded block + ⌈out/8⌉·8·pixels per block floats.
 */
export function convolutionFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  g: usize,
  filterBytes: usize,
  scratch: usize,
  stride: usize,
  part: i32,
  parts: i32,
): void {
  const columns = size.outChannels(g);
  const values = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const pixels = size.batch(g) * size.outHeight(g) * size.outWidth(g);
  const last = splitAt(pixels, part + 1, parts, TILE_ROWS);
  const own = scratch + <usize>part * stride;
  const unfolded = own + TILE_BYTES + LEFT_BYTES;
  const right = unfolded + unfoldedBytes(values);
  const out = dw + <usize>part * filterBytes;
  const step = min(DEPTH, pixelsPerBlock(values));
  memory.fill(out, 0, (<usize>values * <usize>columns) << 2);
  for (let i = splitAt(pixels, part, parts, TILE_ROWS); i < last; i += step) {
    const depth = min(step, last - i);
    unfold(x, g, i, depth, unfolded);
    packRight(dy + ((<usize>i * <usize>columns) << 2), 4, (<usize>columns) << 2, columns, depth, right);
    multiplyBlock(
      unfolded,
      4,
      (<usize>values) << 2,
      right,
      out,
      (<usize>columns) << 2,
      values,
      columns,
      depth,
      true,
      0,
      0,
      0,
      own,
    );
  }
}

/**
 * dx = fold(dy · wᵀ). Images are split between the parts.
 * Scratch for each part: TILE_BYTES + LEFT_BYTES + the unfolded block + ⌈taps·in/8⌉·8·out floats.
 */
export function convolutionInputGradient(
  dy: usize,
  w: usize,
  dx: usize,
  g: usize,
  scratch: usize,
  stride: usize,
  part: i32,
  parts: i32,
): void {
  const k = size.outChannels(g);
  const values = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const pixels = size.outHeight(g) * size.outWidth(g);
  const image = (<usize>(size.inHeight(g) * size.inWidth(g) * size.inChannels(g))) << 2;
  const first = splitAt(size.batch(g), part, parts, 1);
  const last = splitAt(size.batch(g), part + 1, parts, 1);
  if (first >= last) return;
  const own = scratch + <usize>part * stride;
  const unfolded = own + TILE_BYTES + LEFT_BYTES;
  const right = unfolded + unfoldedBytes(values);
  memory.fill(dx + <usize>first * image, 0, <usize>(last - first) * image);
  packAll(w, (<usize>k) << 2, 4, values, k, right);
  const step = pixelsPerBlock(values);
  for (let i = first * pixels; i < last * pixels; i += step) {
    const rows = min(step, last * pixels - i);
    multiplyPacked(dy + ((<usize>i * <usize>k) << 2), k, right, unfolded, rows, values, 0, 0, 0, own);
    fold(unfolded, g, i, rows, dx);
  }
}

/** to = the sum of `parts` arrays of `count` floats that lie one after the other. */
export function addParts(from: usize, to: usize, count: i32, parts: i32): void {
  const bytes = (<usize>count) << 2;
  memory.copy(to, from, bytes);
  for (let part = 1; part < parts; part++) addRun(to, from + <usize>part * bytes, count);
}
