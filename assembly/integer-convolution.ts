// Convolutions of larger filters, or with strides, in integers of 16 bits: the rows of x that a row of y reads are scaled by their largest value.
import { panelsTogether } from './blocking';
import * as size from './geometry';
import { TILE_BYTES, multiplyIntegers } from './integer-tile';
import { ROUNDING, largestSize, toIntegers } from './integer-values';
import { packedBias } from './packed-convolution';
import { fourOf, splitAt } from './vector';

/**
 * As `packedConvolution`, without dilation; filters as `integerPointwise` has them, but that the values of a filter's row are padded to pairs. Rows of y are split
 * between the parts. Scratch: TILE_BYTES, `columns` floats, four floats, and `filterHeight` rows of whole numbers with zeros around.
 */
export function integerConvolution(
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
  const channels = size.inChannels(g);
  const taps = size.filterHeight(g);
  const run = (size.filterWidth(g) * channels + 1) & ~1;
  const outHeight = size.outHeight(g);
  const outWidth = size.outWidth(g);
  const levels = load<f32>(packed);
  const worths = packed + 16;
  const panels = worths + ((<usize>((columns + 7) & ~7)) << 2);
  const panel = (<usize>(taps * run)) << 4;
  const group = panelsTogether(taps * run) << 3;
  const sums = scratch + TILE_BYTES;
  const rowWorths = sums + ((<usize>columns) << 2);
  const whole = rowWorths + 16;
  const stride = (<usize>(size.strideWidth(g) * channels)) << 1;
  const line = integerLine(g);
  const ldc = (<usize>columns) << 2;
  const last = splitAt(size.batch(g) * outHeight, part + 1, parts, 1);
  const rounding = fourOf(ROUNDING, scratch);
  // The zeros beside the rows stay.
  memory.fill(whole, 0, <usize>taps * line);
  for (let i = splitAt(size.batch(g) * outHeight, part, parts, 1); i < last; i++) {
    const image = i / outHeight;
    const most = rowsToIntegers(x, g, image, i % outHeight, levels, whole, line, rounding);
    v128.store(rowWorths, f32x4.splat(most / levels));
    const biases = packedBias(bias, row, image, columns, sums);
    for (let j = 0; j < columns; j += group) {
      const at = (<usize>j) << 2;
      const to = <usize>(i * outWidth) * ldc + at;
      multiplyIntegers(
        whole,
        stride,
        panels + <usize>(j >> 3) * panel,
        panel,
        run,
        taps,
        line,
        y + to,
        ldc,
        outWidth,
        min(group, columns - j),
        rowWorths,
        0,
        worths + at,
        biases ? biases + at : 0,
        more ? more + to : 0,
        activation,
        scratch,
      );
    }
  }
}

/** Bytes of a row of whole numbers: of x or as far as whole tiles of four pixels read, with zeros where x has nothing. */
function integerLine(g: usize): usize {
  const reach = (((size.outWidth(g) + 3) & ~3) - 1) * size.strideWidth(g) + size.filterWidth(g);
  const pixels = max(reach, size.padLeft(g) + size.inWidth(g));
  return (<usize>(pixels * size.inChannels(g) + 1)) << 1;
}

/** The rows of x that row `oy` of y reads, as whole numbers; returns the largest size in them. */
function rowsToIntegers(
  x: usize,
  g: usize,
  image: i32,
  oy: i32,
  levels: f32,
  whole: usize,
  line: usize,
  rounding: v128,
): f32 {
  const height = size.inHeight(g);
  const count = size.inWidth(g) * size.inChannels(g);
  const bytes = (<usize>count) << 2;
  const top = oy * size.strideHeight(g) - size.padTop(g);
  const taps = size.filterHeight(g);
  const from = x + <usize>(image * height + max(top, 0)) * bytes;
  const inside = min(top + taps, height) - max(top, 0);
  const most = inside > 0 ? largestSize(from, inside * count) : 0;
  const factor: f32 = most > 0 ? levels / most : 0;
  const left = (<usize>(size.padLeft(g) * size.inChannels(g))) << 1;
  for (let ky = 0; ky < taps; ky++) {
    const at = top + ky;
    const to = whole + <usize>ky * line + left;
    if (at < 0 || at >= height) memory.fill(to, 0, bytes >> 1);
    else toIntegers(x + <usize>(image * height + at) * bytes, count, factor, to, rounding);
  }
  return most;
}
