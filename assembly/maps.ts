// What programs do to maps beside convolving them.
import { copyRows } from './copy';
import * as size from './geometry';
import { splitAt } from './vector';

/** Max pooling, the zeros around the image left out. Rows of the output are split between the parts. */
export function maxPool(x: usize, y: usize, g: usize, part: i32, parts: i32): void {
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const outHeight = size.outHeight(g);
  const outWidth = size.outWidth(g);
  const pixel = (<usize>size.inChannels(g)) << 2;
  const rows = size.batch(g) * outHeight;
  const last = splitAt(rows, part + 1, parts, 1);
  for (let row = splitAt(rows, part, parts, 1); row < last; row++) {
    const top = (row % outHeight) * size.strideHeight(g) - size.padTop(g);
    const image = x + <usize>(row / outHeight) * <usize>(height * width) * pixel;
    const firstY = max(0, top);
    const lastY = min(height, top + size.filterHeight(g));
    for (let ox = 0; ox < outWidth; ox++) {
      const left = ox * size.strideWidth(g) - size.padLeft(g);
      const firstX = max(0, left);
      const lastX = min(width, left + size.filterWidth(g));
      const out = y + <usize>(row * outWidth + ox) * pixel;
      let c: usize = 0;
      for (; c + 16 <= pixel; c += 32) {
        const beside: usize = c + 32 <= pixel ? 16 : 0; // a last vector alone is taken twice
        let best = f32x4.splat(-Infinity);
        let next = best;
        let isNone = f32x4.splat(0); // f32x4.max, which keeps what is no number, is eight instructions
        let isNextNone = isNone;
        for (let iy = firstY; iy < lastY; iy++) {
          let p = image + <usize>(iy * width + firstX) * pixel + c;
          for (let ix = firstX; ix < lastX; ix++) {
            const v = v128.load(p);
            best = f32x4.pmax(best, v);
            isNone = v128.or(isNone, f32x4.ne(v, v));
            const u = v128.load(p + beside);
            next = f32x4.pmax(next, u);
            isNextNone = v128.or(isNextNone, f32x4.ne(u, u));
            p += pixel;
          }
        }
        v128.store(out + c, v128.or(best, isNone));
        v128.store(out + c + beside, v128.or(next, isNextNone));
      }
      for (c = pixel & ~15; c < pixel; c += 4) {
        let best: f32 = -Infinity;
        for (let iy = firstY; iy < lastY; iy++) {
          for (let ix = firstX; ix < lastX; ix++) {
            best = max<f32>(best, load<f32>(image + <usize>(iy * width + ix) * pixel + c));
          }
        }
        store<f32>(out + c, best);
      }
    }
  }
}

/** y = activation(a + b + row): `row` [images, channels] is added to all pixels of its image; 0 leaves out b or row. */
export function sum(
  a: usize,
  b: usize,
  row: usize,
  y: usize,
  images: i32,
  pixels: i32,
  channels: i32,
  activation: i32,
  part: i32,
  parts: i32,
): void {
  const line = (<usize>channels) << 2;
  const low: f32 = activation ? 0 : -Infinity;
  const lows = f32x4.splat(low);
  const last = splitAt(images * pixels, part + 1, parts, 1);
  for (let i = splitAt(images * pixels, part, parts, 1); i < last; i++) {
    const at = <usize>i * line;
    const own = row ? row + <usize>(i / pixels) * line : 0;
    let c: usize = 0;
    for (; c + 16 <= line; c += 16) {
      let v = v128.load(a + at + c);
      if (b) v = f32x4.add(v, v128.load(b + at + c));
      if (own) v = f32x4.add(v, v128.load(own + c));
      v128.store(y + at + c, f32x4.pmax(v, lows));
    }
    for (; c < line; c += 4) {
      let v = load<f32>(a + at + c);
      if (b) v += load<f32>(b + at + c);
      if (own) v += load<f32>(own + c);
      store<f32>(y + at + c, max<f32>(v, low));
    }
  }
}

/**
 * Rows of `pixels` runs of `bytes`, from one grid into another: run i of row j goes from j·fromRow + i·fromPixel to
 * j·toRow + i·toPixel. Joins channels, weaves sub-pixels, repeats pixels (a stride of 0). Rows are split between the parts.
 */
export function copyGrid(
  from: usize,
  fromRow: usize,
  fromPixel: usize,
  to: usize,
  toRow: usize,
  toPixel: usize,
  bytes: usize,
  pixels: i32,
  rows: i32,
  part: i32,
  parts: i32,
): void {
  const last = splitAt(rows, part + 1, parts, 1);
  for (let j = splitAt(rows, part, parts, 1); j < last; j++) {
    copyRows(from + <usize>j * fromRow, fromPixel, to + <usize>j * toRow, toPixel, bytes, pixels);
  }
}
