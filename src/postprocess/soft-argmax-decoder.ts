import { findPeaksPortably, type Peaks } from './argmax';
import { assertMaps, type Cells, type Decoder, type HeatmapArray } from './decoder';
import { addQuarterOffset } from './quarter-offset';
import { loadMaps } from './simd/heatmap-simd';
import { LARGEST, simdSoftSums } from './simd/soft-sums';
import { softArgmaxError } from './soft-argmax-error';

/** Options of {@link softArgmaxDecoder}. */
export interface SoftArgmaxDecoderOptions {
  /** Sharpness β: 160 in the paper's evaluation. 0 averages all cells; large values approach argmax. @defaultValue 160 */
  readonly beta?: number;
  /** Local variant: only cells within `radius` of the argmax, per axis. @defaultValue all cells */
  readonly radius?: number;
  /** Adds the quarter offset to the soft-argmax, as the released LPN configuration does. @defaultValue false */
  readonly quarterOffset?: boolean;
}

/**
 * @internal Validates the options of every form of soft-argmax.
 * @throws RangeError when beta is negative or not finite, or radius is not a positive integer.
 */
export function assertSoftArgmax(beta: number, radius = 1): void {
  const isBeta = Number.isFinite(beta) && beta >= 0;
  const value: unknown = isBeta ? radius : beta;
  if (isBeta && Number.isInteger(radius) && radius > 0) return;
  throw new RangeError(
    `softArgmax: ${isBeta ? 'radius must be a positive integer, in cells' : 'beta must be finite and not negative'}. Received: ${
      typeof value === 'number' ? value : typeof value // files may hold anything
    }.${isBeta ? '' : ' For β → ∞ use argmax.'}`,
  );
}

/**
 * β-soft-argmax as a decoder: the mean cell under `softmax(β·h)`, with sub-cell accuracy and no special case at the border.
 * Score: the map's value at the nearest cell, halves to even. Terms that together cannot move the result by 10⁻⁷
 * of a cell are skipped, and the others have a relative error of 5·10⁻⁷: 5·10⁻⁶ of a cell on a map of 64×48, where
 * float32 has steps of 4·10⁻⁶. For the differentiable form on tensors use `softArgmax`.
 *
 * Follows `softargmax2d` of github.com/zhang943/lpn-pytorch; Zhang et al. 2019, arxiv.org/abs/1911.10346, eq. 6.
 *
 * @throws RangeError when beta or radius is invalid; the decoder throws it when the array's length and the shape disagree.
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
  const settings = { beta, radius, quarterOffset };
  const decode = (maps: HeatmapArray): Cells => {
    assertMaps('softArgmax', maps);
    const cells = meanCells(maps, beta, radius);
    if (quarterOffset) addQuarterOffset(cells.xy, maps);
    return cells;
  };
  return Object.assign(decode, {
    error: softArgmaxError(settings),
    ...(!radius && { inGraph: { beta, quarterOffset } }),
    toJSON: () => ({ decoder: 'soft-argmax' as const, ...settings, radius: radius ?? null }),
  });
}

function meanCells(maps: HeatmapArray, beta: number, radius: number | undefined): Cells {
  const {
    heatmaps,
    shape: [height, width, K],
  } = maps;
  const loaded = loadMaps(maps);
  const peaks = loaded?.peaks() ?? findPeaksPortably(maps);
  const negligible = -Math.log(height * width * Math.max(height, width) * 1e7) / beta;
  const sums =
    (!radius && loaded && simdSoftSums(loaded, peaks.cells, beta, negligible)) ||
    softSums(maps, peaks, beta, negligible, radius);
  const xy = new Float32Array(2 * K);
  const score = new Float32Array(K);
  for (let k = 0; k < K; k++) {
    const peak = peaks.values[k]!;
    if (peak === -Infinity) continue;
    const cell = peaks.cells[k]!;
    const x = peak === Infinity ? cell % width : sums[K + k]! / sums[k]!;
    const y = peak === Infinity ? Math.floor(cell / width) : sums[2 * K + k]! / sums[k]!;
    xy[2 * k] = x;
    xy[2 * k + 1] = y;
    // The nearest cell of a map with isolated NaNs may itself be NaN.
    score[k] = heatmaps[(roundHalfEven(y) * width + roundHalfEven(x)) * K + k]! || 0;
  }
  return { xy, score };
}

/** Σw, Σw·x and Σw·y, K each, of w = e^(β·(v − peak)) over cells of at least peak + `negligible`, all or near the peak. */
function softSums(
  { heatmaps, shape: [height, width, K] }: HeatmapArray,
  { values, cells }: Peaks,
  beta: number,
  negligible: number,
  radius = Infinity,
): Float64Array {
  const sums = new Float64Array(3 * K);
  for (let k = 0; k < K; k++) {
    const px = cells[k]! % width;
    const py = Math.floor(cells[k]! / width);
    const last = Math.min(width - 1, px + radius);
    const lowest = Math.max(-LARGEST, values[k]! + negligible); // −∞ stays below it
    for (let y = Math.max(0, py - radius); y <= Math.min(height - 1, py + radius); y++) {
      for (let x = Math.max(0, px - radius), at = (y * width + x) * K + k; x <= last; x++, at += K) {
        const value = heatmaps[at]!;
        // NaN is not.
        if (value >= lowest) {
          const weight = Math.exp(beta * (value - values[k]!));
          sums[k]! += weight;
          sums[K + k]! += weight * x;
          sums[2 * K + k]! += weight * y;
        }
      }
    }
  }
  return sums;
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}
