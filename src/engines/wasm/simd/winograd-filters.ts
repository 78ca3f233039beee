import type { Window } from '../../program';
import { filterFloats, positionsOf, tileChannels, winograd, type TileForm } from './winograd';

/** The variants whose filters, constant ones, are transformed on this side. */
type PackedForm = Exclude<TileForm, number>;

/** The values at which the polynomials of F(3, 4) are taken, before infinity, and what the products are divided by. */
const POINTS = [0, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT2, -Math.SQRT2];
const FACTORS = [1, -2 / 3, -2 / 3, 1 / 6, 1 / 6];

/** What each tap, or cell, weighs at each of the positions. */
const WEIGHTS: Readonly<Record<PackedForm, readonly (readonly number[])[]>> = {
  two: [
    [1, 0],
    [0.5, 0.5],
    [0.5, -0.5],
    [0, 1],
  ],
  cells: [...POINTS, Infinity].map((point, p) =>
    [0, 1, 2, 3].map((tap) => (point === Infinity ? Number(tap === 3) : FACTORS[p]! * point ** tap)),
  ),
};

/** Pixels of a map below which the filters are hardly used, or cost more to read than their products. */
const LEAST_PIXELS: Readonly<Record<PackedForm, number>> = { two: 96, cells: 256 };

/** Channels above which half a cell leaves no place for the transform beside the products. */
const MOST_CHANNELS = 16;

/** Sizes of a convolution's filter. */
export type FilterShape = readonly [rows: number, width: number, channels: number, columns: number];

/**
 * How a convolution that has no 3 × 3 filter is formed by Winograd's algorithm: with 2 × 2 taps at stride 1, as the phases of a transposed convolution have, by F(3×3, 2×2), which rounds as the
 * direct form does; with 7 × 7 at stride 2 by F(3×3, 4×4) of cells of 2 × 2 pixels, which meet a filter of four by four cells at stride 1. It rounds as the larger variant does.
 */
export function packedForm(
  { stride, dilation }: Window,
  [rows, width, channels, columns]: FilterShape,
  [outHeight, outWidth]: readonly number[],
): PackedForm | undefined {
  const all = (taps: readonly number[]): boolean => taps.includes(rows) && taps.includes(width);
  const pixels = outHeight! * outWidth!;
  if (winograd.choice === false || dilation !== 1 || columns % 8 !== 0) return undefined;
  if (stride === 1 && all([2]) && channels % 4 === 0 && channels >= 32) {
    return pixels >= LEAST_PIXELS.two ? 'two' : undefined;
  }
  if (winograd.choice !== true || stride !== 2 || !all([7, 8]) || channels < 2 || channels > MOST_CHANNELS)
    return undefined;
  return pixels >= LEAST_PIXELS.cells ? 'cells' : undefined;
}

/** The shape of the packed filter, which says how it is packed. */
export function packedShape(form: PackedForm, [, , channels, columns]: FilterShape): [number, number, number] {
  const positions = positionsOf(form);
  return [positions, 1, filterFloats(tileChannels(channels, columns, form), form) / positions];
}

/** Packs a filter [rows, width, channels, columns] for `winogradConvolution`: of each position [eight columns][row, column and channel in a cell][column]. */
export function packPositions(form: PackedForm, filter: Float32Array, shape: FilterShape, out: Float32Array): void {
  const [rows, width, channels, columns] = shape;
  const cell = form === 'cells' ? 2 : 1;
  const k = tileChannels(channels, columns, form).inChannels;
  const [, , each] = packedShape(form, shape);
  const weights = WEIGHTS[form];
  const sums = new Float64Array(columns);
  weights.forEach((down, i) => {
    weights.forEach((across, j) => {
      const from = (weights.length * i + j) * each;
      for (let q = 0; q < k; q++) {
        const place = Math.floor(q / channels);
        const [channel, right, lower] = [q % channels, place % cell, Math.floor(place / cell)];
        sums.fill(0);
        for (let row = lower; row < rows; row += cell) {
          for (let tap = right; tap < width; tap += cell) {
            const weight = down[Math.floor(row / cell)]! * across[Math.floor(tap / cell)]!;
            if (weight === 0) continue;
            const at = ((row * width + tap) * channels + channel) * columns;
            for (let column = 0; column < columns; column++) sums[column]! += weight * filter[at + column]!;
          }
        }
        for (let column = 0; column < columns; column += 8) {
          for (let lane = 0; lane < 8; lane++) out[from + column * k + 8 * q + lane] = sums[column + lane]!;
        }
      }
    });
  });
}
