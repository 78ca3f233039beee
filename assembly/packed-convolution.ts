// Convolutions whose filters were packed once, for programs: `row` [images, columns] is added to all pixels of its image,
// `more` lies as y does, and 0 leaves out either.
import { LEFT_BYTES, TILE_BYTES, TILE_ROWS, pixelsPerBlock } from './blocking';
import * as size from './geometry';
import { multiplyPacked } from './packed-product';
import { unfold } from './unfold';
import { splitAt } from './vector';

/** bias + the image's row, in `to` where there are both. */
export function packedBias(bias: usize, row: usize, image: i32, columns: i32, to: usize): usize {
  if (!row) return bias;
  const own = row + ((<usize>image * <usize>columns) << 2);
  if (!bias) return own;
  for (let j = 0; j < columns; j++) {
    const at = (<usize>j) << 2;
    store<f32>(to + at, load<f32>(bias + at) + load<f32>(own + at));
  }
  return to;
}

/** Pixels [i, end) of y, all of one image where there is a row, from their values `a`; `spare` has room for a row. */
function multiplyPixels(
  a: usize,
  k: i32,
  packed: usize,
  y: usize,
  i: i32,
  end: i32,
  image: i32,
  columns: i32,
  bias: usize,
  row: usize,
  more: usize,
  activation: i32,
  spare: usize,
  scratch: usize,
): void {
  const line = (<usize>i * <usize>columns) << 2;
  const biases = packedBias(bias, row, image, columns, spare);
  multiplyPacked(a, k, packed, y + line, end - i, columns, biases, more ? more + line : 0, activation, scratch);
}

/**
 * y = activation(x · packed + bias + row + more), pixel by pixel; the pixels are split between the parts.
 * Scratch: TILE_BYTES + LEFT_BYTES + `columns` floats.
 */
export function packedPointwise(
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
  const last = splitAt(count, part + 1, parts, TILE_ROWS);
  const spare = scratch + TILE_BYTES + LEFT_BYTES;
  let i = splitAt(count, part, parts, TILE_ROWS);
  while (i < last) {
    const image = i / pixels;
    const end = row ? min(last, (image + 1) * pixels) : last;
    const from = x + ((<usize>i * <usize>k) << 2);
    multiplyPixels(from, k, packed, y, i, end, image, columns, bias, row, more, activation, spare, scratch);
    i = end;
  }
}

/** As `packedPointwise`, of any filter, by unfolding blocks of pixels. Scratch: the unfolded block more. */
export function packedConvolution(
  x: usize,
  packed: usize,
  y: usize,
  g: usize,
  bias: usize,
  row: usize,
  more: usize,
  activation: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const columns = size.outChannels(g);
  const k = size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g);
  const pixels = size.outHeight(g) * size.outWidth(g);
  const count = size.batch(g) * pixels;
  const last = splitAt(count, part + 1, parts, TILE_ROWS);
  const step = pixelsPerBlock(k);
  const unfolded = scratch + TILE_BYTES + LEFT_BYTES;
  const spare = unfolded + ((<usize>(step * k)) << 2);
  let i = splitAt(count, part, parts, TILE_ROWS);
  while (i < last) {
    const image = i / pixels;
    const end = min(i + step, row ? min(last, (image + 1) * pixels) : last);
    unfold(x, g, i, end - i, 0, k, unfolded);
    multiplyPixels(unfolded, k, packed, y, i, end, image, columns, bias, row, more, activation, spare, scratch);
    i = end;
  }
}
