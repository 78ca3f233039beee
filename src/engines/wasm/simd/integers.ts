/** The largest 16-bit integer. */
const LARGEST = 32767;

/** Pixels of a block, and bytes of its tile for edges, as in `assembly/integer-product.ts`. */
const ROWS = 24;
const TILE_BYTES = 128;

/** Whether a pointwise filter [k, columns] can use integers: k must be even, and large enough to justify rounding the pixels. */
export function takesIntegers(k: number, columns: number): boolean {
  return k % 8 === 0 && k >= 16 && columns >= 16;
}

/** Number of floats of the packed filter. */
export function integerFloats(k: number, columns: number): number {
  const eights = 8 * Math.ceil(columns / 8);
  return 4 + eights + (k * eights) / 2;
}

/**
 * Packs a pointwise filter [k, columns] for `integerPointwise`: each column as integers, with as many pixel levels
 * as keep the sum of all products within 32 bits for this filter.
 */
export function packIntegers(filter: Float32Array, k: number, columns: number, out: Float32Array): void {
  const eights = 8 * Math.ceil(columns / 8);
  const whole = new Int16Array(out.buffer, out.byteOffset + 4 * (4 + eights), k * eights);
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
      whole[(j >> 3) * 8 * k + (q >> 1) * 16 + (j & 7) * 2 + (q & 1)] = value;
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
  return 64 * Math.ceil((TILE_BYTES + 4 * columns + 4 * ROWS + 2 * ROWS * k) / 64);
}
