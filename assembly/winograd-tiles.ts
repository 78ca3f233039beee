// The tiles of a map in Winograd's form: their pixels transformed, and their outputs from the products.
import * as size from './geometry';
import { packedBias } from './packed-convolution';
import { bounded, copyRun, fourOf, highest, lowest } from './vector';
import { NEAR } from './winograd-lines';
import { SPARE, transformCells, transformData, transformOutput } from './winograd-transforms';

/** Tiles of m that a length takes. */
export function tilesAcross(length: i32, m: i32): i32 {
  return (length + m - 1) / m;
}

/** Pixels along a side of a cell: filters of four taps are of cells, those of fewer of pixels. */
export function cellOf(m: i32, side: i32): i32 {
  return side - m == 3 ? 2 : 1;
}

/**
 * The tiles [first, first + count) of x transformed, of each pixel `bytes` from `offset` on, or of cells whole, `bytes` of each; those that reach over its edge by way of a copy
 * with zeros at `border` (a tile). Spare: SPARE, or as `transformCells`.
 */
export function dataTiles(
  x: usize,
  g: usize,
  m: i32,
  side: i32,
  first: i32,
  count: i32,
  offset: usize,
  bytes: usize,
  v: usize,
  positions: usize,
  border: usize,
  spare: usize,
): void {
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const across = tilesAcross(size.outWidth(g), m);
  const each = tilesAcross(size.outHeight(g), m) * across;
  const pixel = (<usize>size.inChannels(g)) << 2;
  const pitch = <usize>width * pixel;
  const cell = cellOf(m, side);
  const reach = side * cell;
  const copied = cell == 2 ? pixel : bytes;
  for (let i = 0; i < count; i++) {
    const tile = first + i;
    const place = tile % each;
    const top = (place / across) * m * cell - size.padTop(g);
    const left = (place % across) * m * cell - size.padLeft(g);
    const image = x + <usize>(tile / each) * <usize>height * pitch + offset;
    const to = v + <usize>i * bytes;
    let from = image + <usize>top * pitch + <usize>left * pixel;
    let rows = pitch;
    let columns = pixel;
    if (top < 0 || left < 0 || top + reach > height || left + reach > width) {
      copyTile(image, height, width, pixel, copied, top, left, reach, border);
      from = border;
      rows = <usize>reach * copied;
      columns = copied;
    }
    if (cell == 2) transformCells(from, rows, columns, to, positions, spare);
    else transformData(side, from, rows, columns, bytes, to, positions, spare);
  }
}

/** A tile of side × side pixels, `bytes` of each, zeros outside the image. */
export function copyTile(
  image: usize,
  height: i32,
  width: i32,
  pixel: usize,
  bytes: usize,
  top: i32,
  left: i32,
  side: i32,
  to: usize,
): void {
  for (let i = top; i < top + side; i++) {
    for (let j = left; j < left + side; j++) {
      if (i < 0 || j < 0 || i >= height || j >= width) memory.fill(to, 0, bytes);
      else copyRun(to, image + <usize>(i * width + j) * pixel, bytes);
      to += bytes;
    }
  }
}

/** The tiles [first, first + count) of y from their products. */
export function outputTiles(
  products: usize,
  positions: usize,
  y: usize,
  g: usize,
  m: i32,
  side: i32,
  first: i32,
  count: i32,
  bias: usize,
  row: usize,
  more: usize,
  activation: i32,
  sums: usize,
  spare: usize,
): void {
  const height = size.outHeight(g);
  const width = size.outWidth(g);
  const across = tilesAcross(width, m);
  const each = tilesAcross(height, m) * across;
  const channels = size.outChannels(g);
  const pixel = (<usize>channels) << 2;
  const pitch = <usize>width * pixel;
  const whole = spare + SPARE - 256;
  const near = fourOf(NEAR, spare);
  const half = fourOf(0.5, spare);
  const low = lowest(activation);
  const high = highest(activation);
  let image = first / each;
  let top = ((first % each) / across) * m;
  let left = (first % across) * m;
  let offsets = packedBias(bias, row, image, channels, sums);
  for (let i = 0; i < count; i++) {
    const rows = min(m, height - top);
    const columns = min(m, width - left);
    const at = <usize>((image * height + top) * width + left) * pixel;
    const isInside = rows == m && columns == m;
    for (let c: usize = 0; c < pixel; c += 16) {
      const from = products + <usize>i * pixel + c;
      const offset = offsets ? v128.load(offsets + c) : f32x4.splat(0);
      if (isInside) {
        const to = at + c;
        const addend = more ? more + to : 0;
        transformOutput(m, side, from, positions, y + to, pitch, pixel, near, half, offset, addend, low, high, spare);
        continue;
      }
      transformOutput(m, side, from, positions, whole, 64, 16, near, half, offset, 0, lowest(0), highest(0), spare);
      for (let p = 0; p < rows; p++) {
        let to = at + <usize>p * pitch + c;
        for (let q = 0; q < columns; q++) {
          let v = v128.load(whole + ((<usize>(4 * p + q)) << 4));
          if (more) v = f32x4.add(v, v128.load(more + to));
          v128.store(y + to, bounded(v, low, high));
          to += pixel;
        }
      }
    }
    left += m;
    if (left >= width) {
      left = 0;
      top += m;
      if (top >= height && i + 1 < count) {
        top = 0;
        image++;
        offsets = packedBias(bias, row, image, channels, sums);
      }
    }
  }
}
