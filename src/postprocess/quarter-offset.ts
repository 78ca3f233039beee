import { findPeaks, peakCells } from './argmax';
import {
  assertMaps,
  type Cells,
  type Decoder,
  type DecoderError,
  type GaussianModel,
  type HeatmapArray,
} from './decoder';

/**
 * @internal Moves each coordinate a quarter of a cell towards its higher neighbour, in place. The neighbours are those
 * of cell ⌊x + ½⌋, ⌊y + ½⌋, which must be strictly inside: 1 < px < W − 1 and 1 < py < H − 1, or neither axis moves.
 */
export function addQuarterOffset(xy: Float32Array, { heatmaps, shape: [height, width, K] }: HeatmapArray): void {
  for (let k = 0; k < K; k++) {
    const px = Math.floor(xy[2 * k]! + 0.5);
    const py = Math.floor(xy[2 * k + 1]! + 0.5);
    if (!(1 < px && px < width - 1 && 1 < py && py < height - 1)) continue;
    const at = (py * width + px) * K + k;
    const dx = Math.sign(heatmaps[at + K]! - heatmaps[at - K]!);
    const dy = Math.sign(heatmaps[at + width * K]! - heatmaps[at - width * K]!);
    // A NaN neighbour gives no direction.
    xy[2 * k]! += 0.25 * (dx || 0);
    xy[2 * k + 1]! += 0.25 * (dy || 0);
  }
}

function decode(maps: HeatmapArray): Cells {
  assertMaps('quarterOffset', maps);
  const cells = peakCells(findPeaks(maps), maps.shape[1]);
  addQuarterOffset(cells.xy, maps);
  return cells;
}

/** Half a cell becomes a quarter, except near the border, which is not refined, and with rounded centres, where neither side is higher. */
const error = ({ center, overhang }: GaussianModel): DecoderError => ({
  interior: center === 'exact' ? 0.25 : 0.5,
  margin: center === 'exact' ? 2 : 0,
  border: Math.max(0.5, overhang),
});

/**
 * {@link argmax}, then a quarter of a cell towards the higher neighbour on each axis. Cells next to the border are not
 * refined (x = 1 is not, x = W − 2 is), as in the reference.
 *
 * Follows `get_final_preds` with POST_PROCESS of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the array's length and the shape disagree.
 * @example
 * const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], refine: quarterOffset });
 */
export const quarterOffset: Decoder = /* @__PURE__ */ Object.assign(decode, {
  error,
  inGraph: { beta: null, quarterOffset: true },
  toJSON: () => ({ decoder: 'quarter-offset' as const }),
});
