import type { Window } from '../../program';
import { spaced } from './blocking';
import { positionsOf, winograd } from './winograd';

/** The values at which the polynomials of F(3, 4) are taken, before infinity, and what the products are divided by. */
const POINTS = [0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2];
const FACTORS = [1, -2 / 3, -2 / 3, 1 / 6, 1 / 6];

/** What each of four taps weighs at each of the positions. */
const WEIGHTS = [...POINTS, Infinity].map((point, p) =>
  [0, 1, 2, 3].map((tap) => (point === Infinity ? Number(tap === 3) : FACTORS[p]! * point ** tap)),
);

/** Pixels of a map below which the filters are hardly used. */
const LEAST_PIXELS = 256;

/** Channels above which half a cell leaves no place for the transform beside the products. */
const MOST_CHANNELS = 16;

/** Sizes of a convolution's filter. */
export type FilterShape = readonly [rows: number, width: number, channels: number, columns: number];

const isSevenOrEight = (taps: number): boolean => taps === 7 || taps === 8;

/**
 * Whether a convolution with stride 2 is formed by Winograd's F(3×3, 4×4) of cells of 2 × 2 pixels, which meet a filter of four by four cells at stride 1. It rounds as the larger
 * Winograd variant does.
 */
export function takesStrided(
  { stride, dilation }: Window,
  [rows, width, channels, columns]: FilterShape,
  [outHeight, outWidth]: readonly number[],
): boolean {
  if (stride !== 2 || dilation !== 1 || channels < 2 || channels > MOST_CHANNELS || columns % 8 !== 0) return false;
  return (
    isSevenOrEight(rows) && isSevenOrEight(width) && winograd.choice === true && outHeight! * outWidth! >= LEAST_PIXELS
  );
}

/** The shape of the packed filter, which says how it is packed. */
export function stridedShape([, , channels, columns]: FilterShape): [number, number, number] {
  return [positionsOf(3), 1, spaced(4 * channels * columns) / 4];
}

/** Packs a filter [rows, width, channels, columns] for `winogradConvolution`: of each position [eight columns][row, column and channel in a cell][column]. */
export function packStrided(filter: Float32Array, shape: FilterShape, out: Float32Array): void {
  const [rows, width, channels, columns] = shape;
  const k = 4 * channels;
  const [, , each] = stridedShape(shape);
  WEIGHTS.forEach((down, i) => {
    WEIGHTS.forEach((across, j) => {
      const from = (WEIGHTS.length * i + j) * each;
      for (let q = 0; q < k; q++) {
        const [channel, right, lower] = [q % channels, Math.floor(q / channels) % 2, Math.floor(q / (2 * channels))];
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let row = lower; row < rows; row += 2) {
            for (let tap = right; tap < width; tap += 2) {
              const weight = filter[((row * width + tap) * channels + channel) * columns + column]!;
              sum += down[row >> 1]! * across[tap >> 1]! * weight;
            }
          }
          out[from + (column - (column % 8)) * k + 8 * q + (column % 8)] = sum;
        }
      }
    });
  });
}
