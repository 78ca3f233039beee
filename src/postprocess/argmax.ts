import {
  assertMaps,
  type Cells,
  type Decoder,
  type DecoderError,
  type GaussianModel,
  type HeatmapArray,
} from './decoder';
import { loadMaps } from './simd/heatmap-simd';

/** @internal The first maximum of each channel in row-major order: its value, and the index `y·W + x` of its cell. */
export interface Peaks {
  readonly values: Float32Array;
  readonly cells: Int32Array;
}

/** @internal One pass over channels-last arrays. A channel of NaN only has value −∞ and cell 0. */
export function findPeaks(maps: HeatmapArray): Peaks {
  return loadMaps(maps)?.peaks() ?? findPeaksPortably(maps);
}

/** @internal The same without SIMD. */
export function findPeaksPortably({ heatmaps, shape: [height, width, K] }: HeatmapArray): Peaks {
  const values = new Float32Array(K).fill(-Infinity);
  const cells = new Int32Array(K);
  let at = 0;
  for (let cell = 0; cell < height * width; cell++) {
    for (let k = 0; k < K; k++, at++) {
      const value = heatmaps[at]!;
      if (value > values[k]!) {
        values[k] = value;
        cells[k] = cell;
      }
    }
  }
  return { values, cells };
}

/** @internal Peaks as coordinates, by the reference's rule that a map without a positive value gives (0, 0). */
export function peakCells({ values, cells }: Peaks, width: number): Cells {
  const xy = new Float32Array(2 * cells.length);
  const score = new Float32Array(cells.length);
  for (let k = 0; k < cells.length; k++) {
    const value = values[k]!;
    score[k] = value === -Infinity ? 0 : value;
    if (!(value > 0)) continue;
    const cell = cells[k]!;
    xy[2 * k] = cell % width;
    xy[2 * k + 1] = Math.floor(cell / width);
  }
  return { xy, score };
}

function decode(maps: HeatmapArray): Cells {
  assertMaps('argmax', maps);
  return peakCells(findPeaks(maps), maps.shape[1]);
}

/** Either encoding with rounded centres or decoding to whole cells loses half a cell; the two do not add up. */
const error = ({ overhang }: GaussianModel): DecoderError => ({
  interior: 0.5,
  margin: 0,
  border: Math.max(0.5, overhang),
});

/**
 * The cell of each map's largest value, the first in row-major order. Score: that value.
 *
 * Follows `get_max_preds` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the array's length and the shape disagree.
 * @example
 * const { xy, score } = argmax({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export const argmax: Decoder = /* @__PURE__ */ Object.assign(decode, {
  error,
  inGraph: { beta: null, quarterOffset: false },
  toJSON: () => ({ decoder: 'argmax' as const }),
});
