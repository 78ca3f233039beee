import { alignedTo4, type LoadedMaps } from './heatmap-simd';
import { instance } from './instance';
import { bytes } from './soft-sums-bytes';

interface Exports {
  softSums(
    ...args: readonly [...LoadedMaps['places'], negligible: number, scale: number, sums: number, constants: number]
  ): void;
}

/** 96 bytes of the memory, below the maps'. */
const CONSTANTS = 512;

/** @internal The largest finite float32. */
export const LARGEST = 3.4028234663852886e38;

let loaded: Exports | false | undefined;

/**
 * After `peaks`, whose cells it takes: Σw, Σw·x and Σw·y, K each, of w = e^(β·(v − peak)), to 5·10⁻⁷ of each w. Values below the peak plus
 * `negligible` may be omitted. Undefined where the module cannot be compiled.
 */
export function simdSoftSums(
  { memory, places, sums }: LoadedMaps,
  cells: Int32Array,
  beta: number,
  negligible: number,
): Float64Array | undefined {
  loaded ??= instance<Exports>(bytes, memory);
  if (!loaded) return undefined;
  const [, width, K] = places;
  loaded.softSums(...places, negligible, Math.min(beta * Math.LOG2E, LARGEST), sums, CONSTANTS);
  const aligned = alignedTo4(K);
  const found = new Float64Array(memory.buffer, sums, 3 * aligned);
  const totals = new Float64Array(3 * K);
  cells.forEach((cell, k) => {
    totals[k] = found[k]!;
    totals[K + k] = found[aligned + k]!;
    totals[2 * K + k] = found[2 * aligned + k]! + found[k]! * Math.floor(cell / width);
  });
  return totals;
}
