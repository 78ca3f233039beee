import type { HeatmapArray } from '../decoder';
import { instance } from './instance';
import { bytes } from './peaks-bytes';

/** What `peaks` takes: the maps' place, sizes, and the places of scratch memory and results, in bytes. */
type Places = readonly [
  maps: number,
  width: number,
  K: number,
  blocks: number,
  scratch: number,
  values: number,
  cells: number,
];

interface Exports {
  readonly memory: WebAssembly.Memory;
  peaks(...places: Places): void;
}

/** Heatmaps in the memory of the SIMD modules, valid until the next ones are loaded. */
export interface LoadedMaps {
  readonly memory: WebAssembly.Memory;
  readonly places: Places;
  /** Room for three float64 of each keypoint, K rounded up to four. */
  readonly sums: number;
  /** As in `findPeaks`: each channel's first maximum. */
  peaks(): { values: Float32Array; cells: Int32Array };
}

/** The memory below is the modules' own. */
const FIRST = 1024;

let loaded: Exports | false | undefined;
let floats = /* @__PURE__ */ new Float32Array(0);

/** @internal Rounds up to whole vectors. */
export const alignedTo4 = (K: number): number => (K + 3) & -4;

/** Copies heatmaps into the SIMD module, which is compiled on first use; undefined where SIMD is missing. */
export function loadMaps({ heatmaps, shape: [height, width, K] }: HeatmapArray): LoadedMaps | undefined {
  loaded ??= instance<Exports>(bytes);
  if (!loaded) return undefined;
  const { memory, peaks } = loaded;
  const blocks = (height + 7) >> 3; // of eight rows
  const aligned = alignedTo4(K);
  const cells = FIRST + 4 * aligned;
  const sums = cells + 4 * aligned;
  const scratch = sums + 3 * 8 * aligned;
  const maps = scratch + (3 + blocks) * 16 * ((width * K + 7) >> 2);
  const end = maps + blocks * 8 * width * K * 4;
  const missing = end + 16 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  if (floats.buffer !== memory.buffer) floats = new Float32Array(memory.buffer);
  floats.set(heatmaps, maps / 4);
  floats.fill(-Infinity, maps / 4 + heatmaps.length, end / 4); // completes the last block of rows

  const places: Places = [maps, width, K, blocks, scratch, FIRST, cells];
  return {
    memory,
    places,
    sums,
    peaks() {
      peaks(...places);
      return {
        values: floats.slice(FIRST / 4, FIRST / 4 + K),
        cells: new Int32Array(memory.buffer, cells, K).slice(),
      };
    },
  };
}
