import * as size from './geometry';
import { addRun, copyRun } from './vector';

/** Values [from, last) of those that one output pixel meets: `filterHeight·filterWidth·inChannels`, tap by tap. */
function unfoldPixel(x: usize, g: usize, n: i32, oy: i32, ox: i32, from: i32, last: i32, to: usize): void {
  const height = size.inHeight(g);
  const width = size.inWidth(g);
  const channels = size.inChannels(g);
  const row = size.filterWidth(g) * channels;
  const dilation = size.dilationWidth(g);
  const left = ox * size.strideWidth(g) - size.padLeft(g);
  const top = oy * size.strideHeight(g) - size.padTop(g);
  const whole = dilation == 1 && left >= 0 && left + size.filterWidth(g) <= width;
  while (from < last) {
    const ky = from / row;
    const end = min(last, (ky + 1) * row);
    const y = top + ky * size.dilationHeight(g);
    const line = x + ((<usize>(n * height + y) * <usize>width * <usize>channels) << 2);
    let at = from - ky * row;
    from = end;
    if (y < 0 || y >= height) {
      const bytes = (<usize>(end - ky * row - at)) << 2;
      memory.fill(to, 0, bytes);
      to += bytes;
      continue;
    }
    while (at < end - ky * row) {
      // the rest of the filter's row at once, or of a tap
      const kx = at / channels;
      const stop = whole ? end - ky * row : min(end - ky * row, (kx + 1) * channels);
      const bytes = (<usize>(stop - at)) << 2;
      const column = left + kx * dilation;
      if (column < 0 || column >= width) memory.fill(to, 0, bytes);
      else copyRun(to, line + ((<usize>(column * channels + at - kx * channels)) << 2), bytes);
      to += bytes;
      at = stop;
    }
  }
}

/** Values [from, last) of output pixels [first, first + count) of the batch, row by row. */
export function unfold(x: usize, g: usize, first: i32, count: i32, from: i32, last: i32, to: usize): void {
  const width = size.outWidth(g);
  const height = size.outHeight(g);
  const step = (<usize>(last - from)) << 2;
  for (let i = first; i < first + count; i++) {
    const oy = (i / width) % height;
    unfoldPixel(x, g, i / (width * height), oy, i % width, from, last, to);
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
