import { findPeaks } from './argmax';
import { assertMaps, type Cells, type Decoder, type HeatmapArray } from './decoder';
import { addQuarterOffset } from './quarter-offset';
import { softArgmaxError } from './soft-argmax-error';

export interface SoftArgmaxDecoderOptions {
  /** Sharpness β: 160 in the paper's evaluation. 0 averages all cells; large values tend to argmax. Default 160. */
  readonly beta?: number;
  /** Local variant: only cells within `radius` of the argmax, per axis. Default: all cells. */
  readonly radius?: number;
  /** Adds the quarter offset to the soft result, as the released LPN configuration does. Default false. */
  readonly quarterOffset?: boolean;
}

/**
 * @internal Checked by every form of soft-argmax.
 * @throws RangeError when beta is negative or not finite, or radius is not a positive integer.
 */
export function assertSoftArgmax(beta: number, radius: number | undefined): void {
  if (!(beta >= 0 && Number.isFinite(beta))) {
    throw new RangeError(`softArgmax: beta must be finite and not negative. Received: ${beta}. For β → ∞ use argmax.`);
  }
  if (radius !== undefined && !(Number.isInteger(radius) && radius > 0)) {
    throw new RangeError(`softArgmax: radius must be a positive integer, in cells. Received: ${radius}.`);
  }
}

/**
 * β-soft-argmax as a decoder: the mean cell under `softmax(β·h)`, sub-cell and with no border case.
 *
 * Score: the map's value at the nearest cell, halves to even. Terms which all together cannot move the result by 10⁻⁷
 * of a cell are left out. On tensors, and differentiable: `softArgmax`.
 *
 * Follows `softargmax2d` of github.com/zhang943/lpn-pytorch; Zhang et al. 2019, arxiv.org/abs/1911.10346, eq. 6.
 *
 * @throws RangeError when beta or radius cannot be used; from the decoder, when memory and shape disagree.
 * @example
 * const decode = softArgmaxDecoder({ beta: 160, quarterOffset: true }); // the released test configuration
 * const { xy, score } = decode({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export function softArgmaxDecoder({
  beta = 160,
  radius,
  quarterOffset = false,
}: SoftArgmaxDecoderOptions = {}): Decoder {
  assertSoftArgmax(beta, radius);
  const decode = (maps: HeatmapArray): Cells => {
    assertMaps('softArgmax', maps);
    const cells = meanCells(maps, beta, radius);
    if (quarterOffset) addQuarterOffset(cells.xy, maps);
    return cells;
  };
  return Object.assign(decode, {
    error: softArgmaxError({ beta, radius, quarterOffset }),
    toJSON: () => ({ decoder: 'soft-argmax' as const, beta, radius: radius ?? null, quarterOffset }),
  });
}

function meanCells(maps: HeatmapArray, beta: number, radius = Infinity): Cells {
  const {
    heatmaps,
    shape: [height, width, K],
  } = maps;
  const peaks = findPeaks(maps);
  const lowest = -Math.log(height * width * Math.max(height, width) * 1e7);
  const xy = new Float32Array(2 * K);
  const score = new Float32Array(K);
  for (let k = 0; k < K; k++) {
    const peak = peaks.values[k]!;
    if (peak === -Infinity) continue;
    const px = peaks.cells[k]! % width;
    const py = Math.floor(peaks.cells[k]! / width);
    if (peak === Infinity) {
      xy.set([px, py], 2 * k);
      score[k] = peak;
      continue;
    }
    const floor = Math.max(-Number.MAX_VALUE, peak + lowest / beta);
    const last = Math.min(width - 1, px + radius);
    let total = 0;
    let sumX = 0;
    let sumY = 0;
    for (let y = Math.max(0, py - radius); y <= Math.min(height - 1, py + radius); y++) {
      for (let x = Math.max(0, px - radius), at = (y * width + x) * K + k; x <= last; x++, at += K) {
        const value = heatmaps[at]!;
        if (!(value >= floor)) continue; // nor NaN
        const weight = Math.exp(beta * (value - peak));
        total += weight;
        sumX += weight * x;
        sumY += weight * y;
      }
    }
    xy[2 * k] = sumX / total;
    xy[2 * k + 1] = sumY / total;
    // The nearest cell of a scattered map may itself be NaN.
    score[k] = heatmaps[(roundHalfEven(sumY / total) * width + roundHalfEven(sumX / total)) * K + k]! || 0;
  }
  return { xy, score };
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}
