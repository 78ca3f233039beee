import { findPeaks, peakCells } from './argmax';
import { assertKernel, blurKernel } from './blur';
import {
  assertMaps,
  centersOf,
  type Cells,
  type Decoder,
  type DecoderError,
  type GaussianModel,
  type HeatmapArray,
} from './decoder';

/** The neighbourhood whose blurred values the Taylor step reads: ±2 cells. */
const REACH = 2;
const SIDE = 2 * REACH + 1;

/**
 * A decoder that fits a quadratic to the logarithm of the blurred heatmap at its peak (DARK): unbiased for Gaussians.
 *
 * `p = peak − H⁻¹·∇`, with ∇ and H central differences of `log(max(blur(h), 10⁻¹⁰))`. The blur is a Gaussian of
 * `kernelSize` taps, whose σ follows OpenCV (`0.3·((size − 1)/2 − 1) + 0.8`, 2 for the default 11), over zeros outside the
 * map, scaled to keep the map's maximum. Peaks within two cells of the border are not refined.
 *
 * Follows github.com/ilovepose/DarkPose; Zhang et al. 2020, arxiv.org/abs/1910.06278. It differs in two ways: only the
 * 25 cells that are read are blurred, and the scale uses their maximum, which only matters for
 * blurred values below 10⁻¹⁰; and a step is limited to one cell per axis, since a longer step would leave the peak.
 *
 * @throws RangeError when `kernelSize` is not odd and positive; the decoder throws it when the array's length and the shape disagree.
 * @example
 * const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64], center: 'exact', refine: darkDecoder({ kernelSize: 17 }) });
 */
export function darkDecoder({ kernelSize = 11 }: { readonly kernelSize?: number } = {}): Decoder {
  assertKernel('dark', kernelSize);
  const kernel = blurKernel(kernelSize);
  const decode = (maps: HeatmapArray): Cells => {
    assertMaps('dark', maps);
    const [height, width, K] = maps.shape;
    const peaks = findPeaks(maps);
    const cells = peakCells(peaks, width);
    const log = new Float64Array(SIDE * SIDE);
    for (let k = 0; k < K; k++) {
      const px = cells.xy[2 * k]!;
      const py = cells.xy[2 * k + 1]!;
      if (!(1 < px && px < width - 2 && 1 < py && py < height - 2)) continue;
      blurredLog(maps, k, px, py, kernel, peaks.values[k]!, log);
      const [dx, dy] = taylorStep(log);
      cells.xy[2 * k] = px + dx;
      cells.xy[2 * k + 1] = py + dy;
    }
    return cells;
  };
  return Object.assign(decode, {
    error: (model: GaussianModel) => darkError(model, kernelSize),
    toJSON: () => ({ decoder: 'dark' as const, kernelSize }),
  });
}

/**
 * {@link darkDecoder} with the reference's kernel of 11.
 *
 * @example
 * const { xy } = dark({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export const dark: Decoder = /* @__PURE__ */ darkDecoder();

/** log(max(scaled blur, 1e-10)) of the 5×5 cells around the peak, by two separable passes. */
function blurredLog(
  { heatmaps, shape: [height, width, K] }: HeatmapArray,
  k: number,
  px: number,
  py: number,
  kernel: Float64Array,
  peak: number,
  log: Float64Array,
): void {
  const half = (kernel.length - 1) / 2;
  const rows = SIDE + 2 * half;
  const across = new Float64Array(rows * SIDE);
  for (let r = 0; r < rows; r++) {
    const y = py - REACH - half + r;
    if (y < 0 || y >= height) continue;
    for (let c = 0; c < SIDE; c++) {
      const first = px - REACH + c - half;
      let sum = 0;
      for (let t = Math.max(0, -first); t < kernel.length && first + t < width; t++) {
        // NaN cells count as zero, like cells outside the map.
        sum += kernel[t]! * (heatmaps[(y * width + first + t) * K + k]! || 0);
      }
      across[r * SIDE + c] = sum;
    }
  }
  let largest = -Infinity;
  for (let i = 0; i < SIDE * SIDE; i++) {
    let sum = 0;
    for (let t = 0; t < kernel.length; t++) sum += kernel[t]! * across[i + t * SIDE]!;
    log[i] = sum;
    largest = Math.max(largest, sum);
  }
  for (let i = 0; i < SIDE * SIDE; i++) log[i] = Math.log(Math.max((log[i]! * peak) / largest, 1e-10));
}

function taylorStep(log: Float64Array): readonly [dx: number, dy: number] {
  const at = (x: number, y: number): number => log[(y + REACH) * SIDE + x + REACH]!;
  const dx = (at(1, 0) - at(-1, 0)) / 2;
  const dy = (at(0, 1) - at(0, -1)) / 2;
  const dxx = (at(2, 0) - 2 * at(0, 0) + at(-2, 0)) / 4;
  const dyy = (at(0, 2) - 2 * at(0, 0) + at(0, -2)) / 4;
  const dxy = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4;
  const determinant = dxx * dyy - dxy * dxy;
  if (determinant === 0) return [0, 0];
  return [limited((dxy * dy - dyy * dx) / determinant), limited((dxy * dx - dxx * dy) / determinant)];
}

/** A step of at most one cell; 0 for NaN. */
const limited = (step: number): number => Math.min(1, Math.max(-1, step)) || 0;

/**
 * Exact for a Gaussian in theory. The remaining error comes from the truncated kernel and, near the border, from the zeros outside. It is found by evaluating the
 * definition along one axis: the logarithm of a Gaussian is a sum over both axes, and where one axis is not refined, neither is the other.
 */
function darkError({ center, overhang, sigma, size }: GaussianModel, kernelSize: number): DecoderError {
  const kernel = blurKernel(kernelSize);
  const half = (kernelSize - 1) / 2;
  const margin = Math.max(half + REACH, Math.ceil(3 * sigma));
  const length = Math.min(...size);
  const found = (middle: number): number => {
    const peak = Math.min(Math.max(Math.round(middle), 0), length - 1);
    if (!(1 < peak && peak < length - 2)) return peak;
    const log = [-2, -1, 0, 1, 2].map((reach) => {
      const at = peak + reach;
      let sum = 0;
      for (let i = Math.max(0, at - half); i <= Math.min(length - 1, at + half); i++) {
        sum += kernel[i - at + half]! * Math.exp((-((i - middle) ** 2) + (peak - middle) ** 2) / (2 * sigma ** 2));
      }
      return Math.log(sum);
    }) as [number, number, number, number, number];
    return peak + limited((-2 * (log[3] - log[1])) / (log[4] - 2 * log[2] + log[0]));
  };
  const worst = (from: number, until: number): number => {
    let error = 0;
    for (let c = from; c <= until; c += 0.01) {
      for (const middle of centersOf(c, center)) error = Math.max(error, Math.abs(found(middle) - c));
    }
    return error + 0.01; // for positions between the samples, and float32
  };
  return {
    interior: margin < length / 2 ? worst(margin, Math.min(margin + 1, length / 2)) : 0.5,
    margin,
    border: Math.max(0.51, worst(-overhang, Math.min(margin, length / 2))),
  };
}
