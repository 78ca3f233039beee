import type { Window } from '../../program';
import { rounded, spaced } from './blocking';
import { SPARE_BYTES, winograd } from './winograd';

/** Rows of a block, columns that a tile meets, and positions, as in `assembly/strided-winograd.ts`. */
const ROWS = 24;
const MET = 12;
const POSITIONS = 6;

/** The values at which the polynomials of F(3, 4) are taken, before infinity, and what the products are divided by. */
const POINTS = [0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2];
const FACTORS = [1, -2 / 3, -2 / 3, 1 / 6, 1 / 6];

/** Pixels of a map below which a block is hardly filled. */
const LEAST_PIXELS = 256;

/** Sizes of a convolution's filter. */
export type FilterShape = readonly [rows: number, width: number, channels: number, columns: number];

/** Whether a convolution with stride 2 is formed by Winograd's F(3, 4) along its rows. It rounds as the larger Winograd variant does. */
export function takesStrided(
  { stride, dilation }: Window,
  [, width, channels, columns]: FilterShape,
  [outHeight, outWidth]: readonly number[],
): boolean {
  if (stride !== 2 || dilation !== 1 || (width !== 7 && width !== 8) || channels < 2 || columns % 8 !== 0) return false;
  return winograd.choice === true && outHeight! * outWidth! >= LEAST_PIXELS;
}

/** The shape of the packed filter, which says how it is packed. */
export function stridedShape([rows, , channels, columns]: FilterShape): [number, number, number] {
  return [POSITIONS, rows * 2 * channels, columns];
}

/** Packs a filter [rows, width, channels, columns] for `stridedWinograd`: of each position [eight columns][row, parity, channel][column]. */
export function packStrided(filter: Float32Array, shape: FilterShape, out: Float32Array): void {
  const [rows, width, channels, columns] = shape;
  const k = rows * 2 * channels;
  for (let p = 0; p < POSITIONS; p++) {
    const [point, factor] = [POINTS[p], FACTORS[p]];
    /** What the tap of its parity weighs at the position. */
    const weights = [0, 1, 2, 3].map((tap) => (point === undefined ? Number(tap === 3) : factor! * point ** tap));
    for (let q = 0; q < k; q++) {
      const channel = q % channels;
      const parity = Math.floor(q / channels) % 2;
      const row = Math.floor(q / (2 * channels));
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let tap = 0; 2 * tap + parity < width; tap++) {
          sum += weights[tap]! * filter[((row * width + 2 * tap + parity) * channels + channel) * columns + j]!;
        }
        out[p * k * columns + (j - (j % 8)) * k + 8 * q + (j % 8)] = sum;
      }
    }
  }
}

/** Scratch bytes of `stridedWinograd`. */
export function stridedScratch([rows, , channels, columns]: FilterShape): number {
  const data = spaced((2 * (ROWS - 1) + rows) * 2 * channels);
  const products = spaced(ROWS * columns);
  return rounded(SPARE_BYTES + 4 * columns + 4 * MET * channels + POSITIONS * (data + products));
}
