// Convolutions with stride 2 by filters of seven or eight columns, the first of most networks, in Winograd's form F(3, 4) along the rows: the even and the odd columns of
// an image meet four taps each at stride 1. Products of six positions for three outputs in place of seven for one; down the columns it is the direct form. The filters are
// transformed once, on the TypeScript side (`packStrided`).
import { spaced } from './blocking';
import { packedBias } from './packed-convolution';
import * as size from './geometry';
import { multiplyRows } from './row-tile';
import { activate, splitAt } from './vector';
import { SPARE, data6, strip6 } from './winograd-transforms';

/** Output pixels of a tile along the width, and rows of a block, in whole tiles of the product. */
const TILE: i32 = 3;
const ROWS: i32 = 24;

/** Columns of the image that a tile meets, of which two make a vector. */
const MET: i32 = 12;

/**
 * The transformed columns of a tile, `lines` rows of the image from `top` on: V [position][line][pixel of two][channel]. A row of a block's
 * left matrix is as many of its lines as the filter has, one after another.
 */
function dataLines(
  image: usize,
  g: usize,
  top: i32,
  left: i32,
  lines: i32,
  v: usize,
  positions: usize,
  border: usize,
): void {
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const pixel = (<usize>size.inChannels(g)) << 2;
  const bytes: usize = pixel << 1;
  const first = max(0, left);
  const last = min(width, left + MET);
  const isInside = left >= 0 && left + MET <= width;
  if (!isInside) memory.fill(border, 0, <usize>MET * pixel);
  for (let y = top; y < top + lines; y++) {
    if (y < 0 || y >= height || first >= last) {
      for (let p: usize = 0; p < 6; p++) memory.fill(v + p * positions, 0, bytes);
    } else {
      let from = image + <usize>(y * width + first) * pixel;
      if (!isInside) {
        memory.copy(border + <usize>(first - left) * pixel, from, <usize>(last - first) * pixel);
        from = border;
      }
      // The last four values may overlap those before.
      for (let c: usize = 0; c + 16 < bytes; c += 16) data6(from + c, bytes, v + c, positions);
      data6(from + bytes - 16, bytes, v + bytes - 16, positions);
    }
    v += bytes;
  }
}

/** `rows` rows of a tile of y, of which `columns` pixels lie in it, from their products. */
function outputStrips(
  products: usize,
  positions: usize,
  y: usize,
  pitch: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  offsets: usize,
  more: usize,
  activation: i32,
  spare: usize,
): void {
  for (let i = 0; i < rows; i++) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const offset = offsets ? v128.load(offsets + c) : f32x4.splat(0);
      if (columns == TILE) {
        strip6(products + c, positions, y + c, pixel, offset, more ? more + c : 0, activation);
        continue;
      }
      strip6(products + c, positions, spare, 16, offset, 0, 0);
      for (let q = 0; q < columns; q++) {
        const to = <usize>q * pixel + c;
        let v = v128.load(spare + ((<usize>q) << 4));
        if (more) v = f32x4.add(v, v128.load(more + to));
        v128.store(y + to, activate(v, activation));
      }
    }
    products += pixel;
    y += pitch;
    if (more) more += pitch;
  }
}

/**
 * As `packedConvolution`, stride 2, no dilation, a filter of seven or eight columns, channels in at least two, out a multiple of eight; u as `packStrided` has it. Tiles of
 * a block of rows are split between the parts. Scratch: SPARE, `columns` floats, a row of a tile, V and M.
 */
export function stridedWinograd(
  x: usize,
  u: usize,
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
  const channels = size.inChannels(g);
  const outputs = size.outChannels(g);
  const height = size.outHeight(g);
  const width = size.outWidth(g);
  const taps = size.filterHeight(g);
  const stride = size.strideHeight(g);
  const k = taps * 2 * channels;
  const line = (<usize>(stride * 2 * channels)) << 2;
  const across = (width + TILE - 1) / TILE;
  const blocks = (height + ROWS - 1) / ROWS;
  const total = size.batch(g) * blocks * across;
  const pixel = (<usize>outputs) << 2;
  const pitch = <usize>width * pixel;
  const sums = scratch + SPARE;
  const border = sums + pixel;
  const v = border + ((<usize>(MET * channels)) << 2);
  const dataBytes = spaced(((ROWS - 1) * stride + taps) * 2 * channels);
  const products = v + 6 * dataBytes;
  const productBytes = spaced(ROWS * outputs);
  const filterBytes = <usize>k * pixel;
  const last = splitAt(total, part + 1, parts, 1);
  for (let i = splitAt(total, part, parts, 1); i < last; i++) {
    const n = i / (blocks * across);
    const top = ((i / across) % blocks) * ROWS;
    const left = (i % across) * TILE;
    const rows = min(ROWS, height - top);
    const image = x + ((<usize>n * <usize>(size.inHeight(g) * size.inWidth(g) * channels)) << 2);
    const lines = (rows - 1) * stride + taps;
    dataLines(image, g, top * stride - size.padTop(g), 2 * left - size.padLeft(g), lines, v, dataBytes, border);
    for (let p: usize = 0; p < 6; p++) {
      multiplyRows(v + p * dataBytes, line, u + p * filterBytes, products + p * productBytes, rows, outputs, k);
    }
    const at = <usize>((n * height + top) * width + left) * pixel;
    outputStrips(
      products,
      productBytes,
      y + at,
      pitch,
      pixel,
      rows,
      min(TILE, width - left),
      packedBias(bias, row, n, outputs, sums),
      more ? more + at : 0,
      activation,
      scratch,
    );
  }
}
