import * as size from './geometry';
import { addRun, copyRun } from './vector';

/** The values that one output pixel meets, tap by tap: a row of `filterHeight·filterWidth·inChannels`. */
function unfoldPixel(x: usize, g: usize, n: i32, oy: i32, ox: i32, to: usize): void {
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const filterWidth = size.filterWidth(g);
  const filterHeight = size.filterHeight(g);
  const dilation = size.dilationWidth(g);
  const pixel = (<usize>size.inChannels(g)) << 2;
  const left = ox * size.strideWidth(g) - size.padLeft(g);
  const top = oy * size.strideHeight(g) - size.padTop(g);
  const row = <usize>filterWidth * pixel;
  const inside = left >= 0 && left + (filterWidth - 1) * dilation < width;
  for (let ky = 0; ky < filterHeight; ky++) {
    const y = top + ky * size.dilationHeight(g);
    if (y < 0 || y >= height) {
      memory.fill(to, 0, row);
      to += row;
      continue;
    }
    const line = x + <usize>(n * height + y) * <usize>width * pixel;
    if (inside && dilation == 1) {
      copyRun(to, line + <usize>left * pixel, row);
      to += row;
      continue;
    }
    for (let kx = 0; kx < filterWidth; kx++) {
      const column = left + kx * dilation;
      if (column < 0 || column >= width) memory.fill(to, 0, pixel);
      else copyRun(to, line + <usize>column * pixel, pixel);
      to += pixel;
    }
  }
}

/** Output pixels [first, first + count) of the batch, unfolded row by row. */
export function unfold(x: usize, g: usize, first: i32, count: i32, to: usize): void {
  const width = size.outWidth(g);
  const height = size.outHeight(g);
  const step = (<usize>(size.filterHeight(g) * size.filterWidth(g) * size.inChannels(g))) << 2;
  for (let i = first; i < first + count; i++) {
    const oy = (i / width) % height;
    unfoldPixel(x, g, i / (width * height), oy, i % width, to);
    to += step;
  }
}

/** The adjoint of `unfold`: adds unfolded rows back to the input pixels that they came from. */
export function fold(from: usize, g: usize, first: i32, count: i32, dx: usize): void {
  const width = size.outWidth(g);
  const height = size.outHeight(g);
  const channels = size.inChannels(g);
  const pixel = (<usize>channels) << 2;
  const inWidth = size.inWidth(g);
  const inHeight = size.inHeight(g);
  for (let i = first; i < first + count; i++) {
    const n = i / (width * height);
    const top = ((i / width) % height) * size.strideHeight(g) - size.padTop(g);
    const left = (i % width) * size.strideWidth(g) - size.padLeft(g);
    for (let ky = 0; ky < size.filterHeight(g); ky++) {
      const y = top + ky * size.dilationHeight(g);
      for (let kx = 0; kx < size.filterWidth(g); kx++) {
        const column = left + kx * size.dilationWidth(g);
        if (y >= 0 && y < inHeight && column >= 0 && column < inWidth) {
          addRun(dx + <usize>((n * inHeight + y) * inWidth + column) * pixel, from, channels);
        }
        from += pixel;
      }
    }
  }
}
