import type { ProgramMap, Window } from '../../program';
import { rounded } from './blocking';

/** The largest 16-bit integer. */
const LARGEST = 32767;

/** Bytes of a block of pixels, and of a tile for edges, as in `assembly/integer-product.ts` and `integer-tile.ts`. */
const WHOLE_BYTES = 98304;
const TILE_BYTES = 128;

/** The sizes of a filter for integers: its values as `rows` rows of `run`, for each of `columns` outputs. */
export interface IntegerSize {
  readonly rows: number;
  readonly run: number;
  readonly columns: number;
}

/**
 * Whether a filter can use integers and is large enough to justify rounding: a pointwise one rounds pixels, in eights of their values; another, which must not be dilated, the
 * rows that it reads.
 */
export function takesIntegers({ rows, run, columns }: IntegerSize, pointwise: boolean, dilation: number): boolean {
  const fits = pointwise ? run % 8 === 0 : dilation === 1;
  // Of eight columns, one alone costs as much as all; the float tile has a form for it.
  return fits && rows * run >= 16 && columns >= 16 && columns % 8 !== 1;
}

const padded = ({ rows, run, columns }: IntegerSize): { eights: number; depth: number; line: number } => {
  const line = 2 * Math.ceil(run / 2);
  return { eights: 8 * Math.ceil(columns / 8), line, depth: rows * line };
};

/** Number of floats of the packed filter. */
export function integerFloats(size: IntegerSize): number {
  const { eights, depth } = padded(size);
  return 4 + eights + (depth * eights) / 2;
}

/**
 * Packs a filter [rows, run, columns] for `integerPointwise` and `integerConvolution`: each column as integers, rows padded to pairs, with as many pixel levels
 * as keep the sum of all products within 32 bits for this filter.
 */
export function packIntegers(filter: Float32Array, size: IntegerSize, out: Float32Array): void {
  const { columns, run } = size;
  const k = size.rows * run;
  const { eights, depth, line } = padded(size);
  const whole = new Int16Array(out.buffer, out.byteOffset + 4 * (4 + eights), depth * eights);
  const worths = new Float32Array(columns);
  out.fill(0);
  const weightLevels = balancedLevels(filter, k, columns);
  let largestSum = 1;
  for (let j = 0; j < columns; j++) {
    let most = 0;
    for (let q = 0; q < k; q++) most = Math.max(most, Math.abs(filter[q * columns + j]!));
    const factor = most > 0 ? weightLevels / most : 0;
    worths[j] = most / weightLevels;
    let sum = 0;
    for (let q = 0; q < k; q++) {
      const value = Math.round(filter[q * columns + j]! * factor);
      sum += Math.abs(value);
      const place = Math.floor(q / run) * line + (q % run);
      whole[(j >> 3) * 8 * depth + (place >> 1) * 16 + (j & 7) * 2 + (place & 1)] = value;
    }
    largestSum = Math.max(largestSum, sum);
  }
  out[0] = Math.min(LARGEST, Math.floor((2 ** 31 - 1) / largestSum));
  out.set(worths, 4);
}

/** The number of weight levels for which pixels have the same number, with sums of 32 bits. */
function balancedLevels(filter: Float32Array, k: number, columns: number): number {
  let longest = 1;
  for (let j = 0; j < columns; j++) {
    let [most, sum] = [0, 0];
    for (let q = 0; q < k; q++) {
      const size = Math.abs(filter[q * columns + j]!);
      most = Math.max(most, size);
      sum += size;
    }
    if (most > 0) longest = Math.max(longest, sum / most);
  }
  return Math.min(LARGEST, Math.floor(Math.sqrt((2 ** 31 - 1) / longest)));
}

/** Scratch bytes of `integerPointwise`. */
export function integerScratch(k: number, columns: number): number {
  const rows = Math.max(4, 4 * Math.floor(WHOLE_BYTES / (2 * k) / 4));
  return rounded(TILE_BYTES + 4 * columns + rows * (4 + 2 * k));
}

/** Scratch bytes of `integerConvolution` on maps of these widths. */
export function integerConvolutionScratch(
  { filter: [rows, columns], stride, pad: [, left] }: Window,
  [, inWidth, channels]: ProgramMap['shape'],
  [, outWidth, outChannels]: ProgramMap['shape'],
): number {
  const reach = (4 * Math.ceil(outWidth / 4) - 1) * stride + columns;
  const line = 2 * (Math.max(reach, left + inWidth) * channels + 1);
  return rounded(TILE_BYTES + 4 * outChannels + 16 + rows * line);
}
