import type { HeatmapArray } from '../decoder';
import { bytes } from './bytes';

interface Exports {
  readonly memory: WebAssembly.Memory;
  peaks(maps: number, width: number, K: number, blocks: number, scratch: number, values: number, cells: number): void;
  softSums(
    maps: number,
    width: number,
    K: number,
    blocks: number,
    scratch: number,
    values: number,
    cells: number,
    negligible: number,
    scale: number,
    sums: number,
    constants: number,
  ): void;
}

/** Heatmaps in the memory of the SIMD module, valid until the next ones are loaded. */
export interface LoadedMaps {
  /** As in `findPeaks`: each channel's first maximum. */
  peaks(): { values: Float32Array; cells: Int32Array };
  /**
   * After `peaks`: Σw, Σw·x and Σw·y, K each, of w = e^(β·(v − peak)), to 5·10⁻⁷ of each w. Values below the peak plus
   * `negligible` may be omitted.
   */
  softSums(beta: number, negligible: number): Float64Array;
}

/** 96 bytes of the module's memory for its own use. */
const CONSTANTS = 512;
const FIRST = 1024;
const BLOCK = 8;
const LARGEST = 3.4028234663852886e38;

let loaded: Exports | null | undefined;
let floats = /* @__PURE__ */ new Float32Array(0);
let integers = /* @__PURE__ */ new Int32Array(0);

/** Compiled on first use; null where the host has no SIMD or forbids compilation. */
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

/** Copies heatmaps into the SIMD module; undefined where SIMD is missing. */
export function loadMaps({ heatmaps, shape: [height, width, K] }: HeatmapArray): LoadedMaps | undefined {
  const module = simd();
  if (module === null) return undefined;
  const blocks = Math.ceil(height / BLOCK);
  const aligned = 4 * Math.ceil(K / 4);
  const values = FIRST;
  const cells = values + 4 * aligned;
  const sums = cells + 4 * aligned;
  const scratch = sums + 3 * 8 * aligned;
  const maps = scratch + (3 + blocks) * 16 * ((width * K + 7) >> 2);
  const end = maps + blocks * BLOCK * width * K * 4;
  const missing = end + 16 - module.memory.buffer.byteLength;
  if (missing > 0) module.memory.grow(Math.ceil(missing / 65536));
  if (floats.buffer !== module.memory.buffer) {
    floats = new Float32Array(module.memory.buffer);
    integers = new Int32Array(module.memory.buffer);
  }
  floats.set(heatmaps, maps / 4);
  floats.fill(-Infinity, maps / 4 + heatmaps.length, end / 4); // completes the last block of rows

  return {
    peaks() {
      module.peaks(maps, width, K, blocks, scratch, values, cells);
      return {
        values: floats.slice(values / 4, values / 4 + K),
        cells: integers.slice(cells / 4, cells / 4 + K),
      };
    },
    softSums(beta, negligible) {
      const scale = Math.min(beta * Math.LOG2E, LARGEST);
      module.softSums(maps, width, K, blocks, scratch, values, cells, negligible, scale, sums, CONSTANTS);
      const found = new Float64Array(module.memory.buffer, sums, 3 * aligned);
      const totals = new Float64Array(3 * K);
      for (let k = 0; k < K; k++) {
        const total = found[k]!;
        totals[k] = total;
        totals[K + k] = found[aligned + k]!;
        totals[2 * K + k] = found[2 * aligned + k]! + total * Math.floor(integers[cells / 4 + k]! / width);
      }
      return totals;
    },
  };
}
