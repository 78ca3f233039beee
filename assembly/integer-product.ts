// Pointwise convolutions in integers of 16 bits: each pixel is scaled by its own largest value, each filter was by its own, and the
// products of pairs are added up in 32 bits, which the levels are chosen not to overflow (`packIntegers` on the TypeScript side).
import { TILE_BYTES, multiplyIntegers } from './integer-tile';
import { largestSize, toIntegers } from './integer-values';
import { packedBias } from './packed-convolution';
import { splitAt } from './vector';

/** Pixels made whole numbers at a time, in whole tiles of four. */
const ROWS: i32 = 24;

/**
 * As `packedPointwise`, filters as `packIntegers` has them: the levels of a pixel as a float, the worth of each filter padded to eights, then
 * panels of eight filters, pairs of k side by side. Scratch: TILE_BYTES, `columns` floats, ROWS floats, ROWS·k whole numbers.
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
  const whole = rowWorths + ((<usize>ROWS) << 2);
  const lda = (<usize>k) << 1;
  const ldc = (<usize>columns) << 2;
  let i = splitAt(count, part, parts, 4);
  while (i < last) {
    const image = i / pixels;
    const end = min(i + ROWS, row ? min(last, (image + 1) * pixels) : last);
    for (let r = i; r < end; r++) {
      const pixel = x + ((<usize>r * <usize>k) << 2);
      const to = <usize>(r - i);
      const most = largestSize(pixel, k);
      toIntegers(pixel, k, most > 0 ? levels / most : 0, whole + to * lda);
      store<f32>(rowWorths + (to << 2), most / levels);
    }
    const biases = packedBias(bias, row, image, columns, sums);
    for (let j = 0; j < columns; j += 8) {
      const at = (<usize>j) << 2;
      const line = <usize>i * ldc + at;
      multiplyIntegers(
        whole,
        lda,
        panels + <usize>j * lda,
        k,
        1,
        0,
        y + line,
        ldc,
        end - i,
        min(8, columns - j),
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
