import type { HeatmapArray } from '../decoder';
import { bytes } from './bytes';

interface Exports {
  readonly memory: WebAssembly.Memory;
  peaks(maps: number, cells: number, K: number, values: number, at: number): void;
  softSums(
    maps: number,
    width: number,
    height: number,
    K: number,
    peak: number,
    lowest: number,
    scale: number,
    sums: number,
    constants: number,
  ): void;
}

/** Heatmaps in the memory of the SIMD module, until the next ones are loaded. */
export interface LoadedMaps {
  /** As `findPeaks`: each channel's first maximum. */
  peaks(): { values: Float32Array; cells: Int32Array };
  /** Σw, Σw·x and Σw·y, K each, of w = e^(β·(v − peak)) over cells of at least `lowest`; up to a common factor of a channel. */
  softSums(beta: number, peaks: Float32Array, lowest: Float32Array): Float64Array;
}

/** 128 bytes of the module's memory, for its own use. */
const CONSTANTS = 512;

let loaded: Exports | null | undefined;

/** Compiled when first needed; null where the host has no SIMD or forbids to compile. */
function simd(): Exports | null {
  if (loaded !== undefined) return loaded;
  try {
    const code = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    loaded = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports;
  } catch {
    loaded = null;
  }
  return loaded;
}

/** Copies heatmaps into the SIMD module; undefined where there is none, or fewer channels than a vector has lanes. */
export function loadMaps({ heatmaps, shape: [height, width, K] }: HeatmapArray): LoadedMaps | undefined {
  const module = K >= 4 ? simd() : null;
  if (module === null) return undefined;
  const { memory } = module;
  // Three parts of K floats, three of K doubles, then the maps, each on its own boundary of 16 bytes.
  const part = Math.ceil((4 * K) / 16) * 16;
  const [first, second, sums] = [1024, 1024 + part, 1024 + 2 * part];
  const maps = sums + 6 * part;
  const missing = maps + heatmaps.byteLength - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const floats = new Float32Array(memory.buffer);
  floats.set(heatmaps, maps / 4);

  return {
    peaks() {
      module.peaks(maps, width * height, K, first, second);
      return {
        values: floats.slice(first / 4, first / 4 + K),
        cells: new Int32Array(memory.buffer, second, K).slice(),
      };
    },
    softSums(beta, peaks, lowest) {
      floats.set(peaks, first / 4);
      floats.set(lowest, second / 4);
      const totals = new Float64Array(memory.buffer, sums, 3 * K).fill(0);
      module.softSums(maps, width, height, K, first, second, beta * Math.LOG2E, sums, CONSTANTS);
      return totals.slice();
    },
  };
}
