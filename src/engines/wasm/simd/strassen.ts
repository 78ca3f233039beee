import { LEFT_BYTES, TILE_BYTES, rounded } from './blocking';
import { winograd } from './winograd';

/** Rows of a pair of tiles, as in `assembly/strassen.ts`. */
const PAIR = 12;

/** The depth above which the panels of a pair of tiles leave the second-level cache, and sums of half of it round too much. */
const DEEPEST = 1152;

/** Pixels below which reading three quarters more of the filter costs more than the multiplications saved. */
const LEAST_PIXELS = 96;

/** Set by tests, which use the form wherever it is supported. */
export const strassen: { forced?: true } = {};

/**
 * Whether the product with a filter [k, columns] is formed by Strassen's seven products of halves: from the depth on at which an eighth of the products costs more than
 * the sums. They round twice as much as the direct form, so a choice without the larger Winograd variant excludes them too.
 */
export function takesStrassen(pixels: number, k: number, columns: number): boolean {
  if (k % 8 !== 0 || columns % 16 !== 0 || k > DEEPEST) return false;
  if (strassen.forced) return true;
  return winograd.choice === true && k >= 256 && columns >= 64 && pixels >= LEAST_PIXELS;
}

/** The shape of the packed filter, which says how it is packed. */
export function strassenShape(k: number, columns: number): [number, number, number] {
  return [7, k / 2, columns / 2];
}

/** Packs a filter [k, columns] for `strassenConvolution`: of each pair of panels B11, B21, T2, T1, B22, T3, −T4, of eight columns. */
export function packStrassen(filter: Float32Array, k: number, columns: number, out: Float32Array): void {
  const half = k / 2;
  const panel = 8 * half;
  for (let j = 0; j < columns; j += 16) {
    const pair = (j / 16) * 7 * panel;
    for (let q = 0; q < half; q++) {
      for (let lane = 0; lane < 8; lane++) {
        const from = q * columns + j + lane;
        const [b11, b12] = [filter[from]!, filter[from + 8]!];
        const [b21, b22] = [filter[from + half * columns]!, filter[from + half * columns + 8]!];
        const t1 = b12 - b11;
        const t2 = b22 - t1;
        let to = pair + 8 * q + lane;
        out[to] = b11;
        out[(to += panel)] = b21;
        out[(to += panel)] = t2;
        out[(to += panel)] = t1;
        out[(to += panel)] = b22;
        out[(to += panel)] = b22 - b12;
        out[to + panel] = b21 - t2;
      }
    }
  }
}

/** Scratch bytes of `strassenConvolution`. */
export function strassenScratch(k: number, columns: number): number {
  const pair = 8 * PAIR * k;
  const pairs = Math.max(1, Math.floor(LEFT_BYTES / pair));
  return rounded(4 * TILE_BYTES + 4 * columns + 16 + Math.max(LEFT_BYTES, pairs * pair));
}
