// Pointwise convolutions in integers of 16 bits: each pixel is scaled by its own largest value, each filter was by its own, and the
// products of pairs are added up in 32 bits, which the levels are chosen not to overflow (`packIntegers` on the TypeScript side).
import { panelsTogether } from './blocking';
import { TILE_BYTES, multiplyIntegers } from './integer-tile';
import { ROUNDING, largestSize, toIntegers } from './integer-values';
import { packedBias } from './packed-convolution';
import { fourOf, splitAt } from './vector';

/** Bytes of pixels made whole numbers at a time, for the second-level cache. */
const WHOLE_BYTES: i32 = 98304;

/** As many pixels of k values, in whole tiles of four. */
function integerRows(k: i32): i32 {
  return max(4, (WHOLE_BYTES / (k << 1)) & ~3);
}

/**
 * As `packedPointwise`, filters as `packIntegers` has them: the levels of a pixel as a float, the worth of each filter padded to eights, then
 * panels of eight filters, pairs of k side by side. Scratch: TILE_BYTES, `columns` floats, a float and k whole numbers for each of
 * `integerRows`.
 */
export function integerPointwise(
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
  const last = splitAt(count, part + 1, parts, 4);
  const levels = load<f32>(packed);
  const worths = packed + 16;
  const panels = worths + ((<usize>((columns + 7) & ~7)) << 2);
  const sums = scratch + TILE_BYTES;
  const rowWorths = sums + ((<usize>columns) << 2);
  const most = integerRows(k);
  const whole = rowWorths + ((<usize>most) << 2);
  const group = panelsTogether(k) << 3;
  const lda = (<usize>k) << 1;
  const ldc = (<usize>columns) << 2;
  const rounding = fourOf(ROUNDING, scratch);
  let i = splitAt(count, part, parts, 4);
  while (i < last) {
    const image = i / pixels;
    const end = min(i + most, row ? min(last, (image + 1) * pixels) : last);
    for (let r = i; r < end; r++) {
      const pixel = x + ((<usize>r * <usize>k) << 2);
      const to = <usize>(r - i);
      const largest = largestSize(pixel, k);
      toIntegers(pixel, k, largest > 0 ? levels / largest : 0, whole + to * lda, rounding);
      store<f32>(rowWorths + (to << 2), largest / levels);
    }
    const biases = packedBias(bias, row, image, columns, sums);
    for (let j = 0; j < columns; j += group) {
      const at = (<usize>j) << 2;
      const line = <usize>i * ldc + at;
      multiplyIntegers(
        whole,
        lda,
        panels + <usize>j * lda,
        lda << 3,
        k,
        1,
        0,
        y + line,
        ldc,
        end - i,
        min(group, columns - j),
        rowWorths,
        16,
        worths + at,
        biases ? biases + at : 0,
        more ? more + line : 0,
        activation,
        scratch,
      );
    }
    i = end;
  }
}
