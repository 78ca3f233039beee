// Convolutions by 3 × 3 filters at stride 1 in Winograd's form F(m×m, 3×3), m = 2 or 4: tiles of side² = (m+2)² pixels, transformed, are one matrix product at each of
// their positions. Filters of 2 × 2 are F(3×3, 2×2) with the positions of m = 2; those of 7 × 7 or 8 × 8 at stride 2 are of 4 × 4 cells of 2 × 2 pixels at stride 1: F(3×3, 4×4) with
// those of m = 4. Data V [position][tile][channel], products M alike, filters U [position] packed for products.
import { spaced } from './blocking';
import * as size from './geometry';
import { packRight } from './pack';
import { addOuter, multiplyRows } from './row-tile';
import { splitAt } from './vector';
import { cellOf, copyTile, dataTiles, outputTiles, tilesAcross } from './winograd-tiles';
import { SPARE, transformFilter, transformFilterGradient, transformGradient } from './winograd-transforms';

/** Bytes between positions; two tiles more than a block's are read. */
function positionBytes(block: i32, channels: i32): usize {
  return spaced((block + 2) * channels);
}

/**
 * Filters for products: w(tap, k, j) at w + tap·tapBytes + k·alongW + j·lineW becomes U, `columns` a multiple of eight. `flipped`
 * takes the taps from the last to the first. Columns are split between the parts; scratch: SPARE for each, then
 * nine taps for all, a stride of filters apart.
 */
export function winogradFilter(
  w: usize,
  tapBytes: usize,
  alongW: usize,
  lineW: usize,
  flipped: i32,
  u: usize,
  m: i32,
  k: i32,
  columns: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const first = splitAt(columns, part, parts, 8);
  const last = splitAt(columns, part + 1, parts, 8);
  if (first >= last) return;
  const bytes = spaced(k * columns);
  const from = (<usize>k * <usize>first) << 2;
  const taps = scratch + <usize>parts * SPARE;
  for (let tap: usize = 0; tap < 9; tap++) {
    const source = w + (flipped ? 8 - tap : tap) * tapBytes + <usize>first * lineW;
    packRight(source, lineW, alongW, last - first, k, taps + tap * bytes + from);
  }
  const count = (<usize>k * <usize>(last - first)) << 2;
  transformFilter(m, taps + from, bytes, u + from, bytes, count, scratch + <usize>part * SPARE);
}

/**
 * y = activation(x * filters + bias + row + more), the filters as `winogradFilter` makes them; `row`, `more` and 0 as for
 * `packedConvolution`. Channels in a multiple of four, channels out of eight. Filters other than 3 × 3 are as `packPositions` has them; of cells, channels in are at least two.
 * Tiles are split between the parts, `block` of them worked on at a time. Scratch: SPARE, channels out, a tile of pixels or cells, V and M.
 */
export function winogradConvolution(
  x: usize,
  u: usize,
  y: usize,
  g: usize,
  m: i32,
  side: i32,
  block: i32,
  bias: usize,
  row: usize,
  more: usize,
  activation: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const cell = cellOf(m, side);
  const inputs = cell * cell * size.inChannels(g);
  const outputs = size.outChannels(g);
  const tiles = size.batch(g) * tilesAcross(size.outHeight(g), m) * tilesAcross(size.outWidth(g), m);
  const count = side * side;
  const sums = scratch + SPARE;
  const pixel = (<usize>outputs) << 2;
  const border = sums + pixel;
  const v = border + ((<usize>(count * inputs)) << 2);
  const dataBytes = positionBytes(block, inputs);
  const productBytes = positionBytes(block, outputs);
  const products = v + <usize>count * dataBytes;
  const filterBytes = spaced(inputs * outputs);
  const line = (<usize>inputs) << 2;
  const last = splitAt(tiles, part + 1, parts, 6);
  for (let i = splitAt(tiles, part, parts, 6); i < last; i += block) {
    const rows = min(block, last - i);
    dataTiles(x, g, m, side, i, rows, 0, line, v, dataBytes, border, cell == 2 ? products : scratch);
    for (let p: usize = 0; p < <usize>count; p++) {
      multiplyRows(v + p * dataBytes, line, u + p * filterBytes, products + p * productBytes, rows, outputs, inputs);
    }
    outputTiles(products, productBytes, y, g, m, side, i, rows, bias, row, more, activation, sums, scratch);
  }
}

/**
 * As `convolutionFilterGradient`, in the form F(3×3, 4×4): dU[position] = Σ over tiles of Vᵀ · A dy Aᵀ, then dw = Gᵀ dU G. Channels in are
 * split between the parts, so that each sum has one owner. Scratch, of its channels: SPARE, 36 pixels of x, 16 of dy, V and M, dU.
 */
export function winogradFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  g: usize,
  block: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const channel = splitAt(size.inChannels(g), part, parts, 4);
  const inputs = splitAt(size.inChannels(g), part + 1, parts, 4) - channel;
  if (inputs <= 0) return;
  const outputs = size.outChannels(g);
  const height = size.outHeight(g);
  const width = size.outWidth(g);
  const across = tilesAcross(width, 4);
  const each = tilesAcross(height, 4) * across;
  const tiles = size.batch(g) * each;
  const pixel = (<usize>outputs) << 2;
  const border = scratch + SPARE;
  const edge = border + ((<usize>(36 * inputs)) << 2);
  const v = edge + 16 * pixel;
  const dataBytes = positionBytes(block, inputs);
  const gradientBytes = positionBytes(block, outputs);
  const gradients = v + 36 * dataBytes;
  const du = gradients + 36 * gradientBytes;
  const unit = spaced(inputs * outputs);
  memory.fill(du, 0, 36 * unit);
  for (let i = 0; i < tiles; i += block) {
    const rows = min(block, tiles - i);
    dataTiles(x, g, 4, 6, i, rows, (<usize>channel) << 2, (<usize>inputs) << 2, v, dataBytes, border, scratch);
    for (let q = 0; q < rows; q++) {
      const image = (i + q) / each;
      const place = (i + q) % each;
      const top = (place / across) * 4;
      const left = (place % across) * 4;
      let from = dy + <usize>(image * height * width) * pixel;
      let pitch = <usize>width * pixel;
      if (top + 4 <= height && left + 4 <= width) from += <usize>(top * width + left) * pixel;
      else {
        copyTile(from, height, width, pixel, pixel, top, left, 4, edge);
        from = edge;
        pitch = 4 * pixel;
      }
      transformGradient(from, pitch, pixel, gradients + <usize>q * pixel, gradientBytes, scratch);
    }
    for (let p: usize = 0; p < 36; p++) {
      addOuter(v + p * dataBytes, gradients + p * gradientBytes, du + p * unit, rows, outputs, inputs);
    }
  }
  const taps = <usize>size.inChannels(g) * pixel;
  transformFilterGradient(du, unit, dw + <usize>channel * pixel, taps, <usize>inputs * pixel, scratch);
}
