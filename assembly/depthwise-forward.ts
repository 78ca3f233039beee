import { depthwiseRow } from './depthwise-row';
import * as size from './geometry';
import { splitAt } from './vector';

/**
 * y = activation(x * w + bias) channel by channel (multiplier 1); activation: 0 nothing, 1 relu, 2 relu6. Rows of the
 * output are split between the parts; taps outside the image are left out.
 */
export function depthwiseConvolution(
  x: usize,
  w: usize,
  y: usize,
  g: usize,
  bias: usize,
  activation: i32,
  part: i32,
  parts: i32,
): void {
  const height = size.outHeight(g);
  const width = size.outWidth(g);
  const inWidth = size.inWidth(g);
  const pixel = (<usize>size.inChannels(g)) << 2;
  const line = <usize>inWidth * pixel;
  const taps = size.filterWidth(g);
  const rowW = <usize>taps * pixel;
  const spacing = size.dilationHeight(g);
  const rows = size.batch(g) * height;
  const last = splitAt(rows, part + 1, parts, 1);
  const low: f32 = activation ? 0 : -Infinity;
  const high: f32 = activation == 2 ? 6 : Infinity;
  for (let row = splitAt(rows, part, parts, 1); row < last; row++) {
    const top = (row % height) * size.strideHeight(g) - size.padTop(g);
    const first = size.firstTap(top, spacing);
    const end = size.lastTap(top, spacing, size.inHeight(g), size.filterHeight(g));
    const from = <usize>((row / height) * size.inHeight(g) + top + first * spacing);
    depthwiseRow(
      x + from * line,
      <usize>spacing * line,
      end - first,
      inWidth,
      -size.padLeft(g),
      size.strideWidth(g),
      taps,
      size.dilationWidth(g),
      w + <usize>first * rowW,
      rowW,
      pixel,
      y + <usize>(row * width) * pixel,
      pixel,
      width,
      pixel,
      bias,
      low,
      high,
    );
  }
}
