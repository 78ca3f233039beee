import {
  DEPTH,
  LEFT_BYTES,
  TILE_BYTES,
  TILE_ROWS,
  UNFOLDED_BYTES,
  evenly,
  pixelsPerBlock,
  unfoldedRows,
} from './blocking';
import * as size from './geometry';
import { multiplyBlock } from './matrix-product';
import { packRight } from './pack';
import { packedConvolution } from './packed-convolution';
import { multiplyPacked, packAll, packFilter } from './packed-product';
import { fold, unfold } from './unfold';
import { splitAt } from './vector';

/** Bytes of the unfolded block. */
function unfoldedBytes(values: i32): usize {
  return (<usize>(pixelsPerBlock(values) * values)) << 2;
}

/**
 * y = activation(x * w + bias) by unfolding blocks of pixels. Output pixels are split between the parts.
 * Scratch: TILE_BYTES + LEFT_BYTES + the unfolded block + ⌈out/8⌉·8·taps·in floats.
 */
export function convolution(
  x: usize,
  w: usize,
  y: usize,
  g: usize,
  bias: usize,
  activation: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const columns = size.outChannels(g);
  const k = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const right = scratch + TILE_BYTES + LEFT_BYTES + unfoldedBytes(k);
  packFilter(w, right, k, columns);
  packedConvolution(x, right, y, g, bias, 0, 0, activation, scratch, part, parts);
}

/**
 * dw = unfolded xᵀ · dy. The filter's values are split between the parts, so that each sum has one owner.
 * Scratch: TILE_BYTES + LEFT_BYTES + UNFOLDED_BYTES + ⌈out/8⌉·8·min(DEPTH, pixels) floats.
 */
export function convolutionFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  g: usize,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const columns = size.outChannels(g);
  const values = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const pixels = size.batch(g) * size.outHeight(g) * size.outWidth(g);
  const first = splitAt(values, part, parts, TILE_ROWS);
  const last = splitAt(values, part + 1, parts, TILE_ROWS);
  if (first >= last) return;
  const unfolded = scratch + TILE_BYTES + LEFT_BYTES;
  const right = unfolded + UNFOLDED_BYTES;
  const line = (<usize>columns) << 2;
  const step = evenly(last - first, unfoldedRows());
  for (let i = 0; i < pixels; i += DEPTH) {
    const depth = min(DEPTH, pixels - i);
    packRight(dy + <usize>i * line, 4, line, columns, depth, right);
    for (let v = first; v < last; v += step) {
      const rows = min(step, last - v);
      unfold(x, g, i, depth, v, v + rows, unfolded);
      const out = dw + <usize>v * line;
      multiplyBlock(unfolded, 4, (<usize>rows) << 2, right, out, line, rows, columns, depth, i > 0, 0, 0, 0, scratch);
    }
  }
}

/**
 * dx = fold(dy · wᵀ). Images are split between the parts.
 * Scratch: TILE_BYTES + LEFT_BYTES + the unfolded block + ⌈taps·in/8⌉·8·out floats.
 */
export function convolutionInputGradient(
  dy: usize,
  w: usize,
  dx: usize,
  g: usize,
  scratch: usize,
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
  const unfolded = scratch + TILE_BYTES + LEFT_BYTES;
  const right = unfolded + unfoldedBytes(values);
  memory.fill(dx + <usize>first * image, 0, <usize>(last - first) * image);
  packAll(w, (<usize>k) << 2, 4, values, k, right);
  const step = pixelsPerBlock(values);
  for (let i = first * pixels; i < last * pixels; i += step) {
    const rows = min(step, last * pixels - i);
    multiplyPacked(dy + ((<usize>i * <usize>k) << 2), k, right, unfolded, rows, values, 0, 0, 0, scratch);
    fold(unfolded, g, i, rows, dx);
  }
}
