import { shown } from '../bytes';
import { findPeaks } from './argmax';
import { assertKernel, blurKernel, blurMaps, MOST_TAPS } from './blur';
import {
  assertMaps,
  centersOf,
  type Cells,
  type Decoder,
  type DecoderError,
  type GaussianModel,
  type HeatmapArray,
} from './decoder';

/** Options of {@link secondMaximum}. */
export interface SecondMaximumOptions {
  /** Kernel size of the blur, odd; its σ is OpenCV's for that size. @defaultValue 21, σ 3.5 */
  readonly kernelSize?: number;
  /** Cells of zero padding around the map, where the second maximum may be. @defaultValue 10 */
  readonly padding?: number;
  /** How far the first maximum moves towards the second, in cells. @defaultValue 0.25 */
  readonly shift?: number;
  /** The heatmaps' peak; the score is `value / peak + ½`. @defaultValue 255 */
  readonly peak?: number;
}

/**
 * CPN's decoder: blurs the map and moves its largest cell a quarter of a cell *along the line* to the second largest; {@link quarterOffset} moves
 * each axis separately. Score: the map's unblurred value at the nearest cell, `/ 255 + ½`.
 *
 * Follows `mptest.py` of github.com/chenyilun95/tf-cpn. A map without a positive value decodes to cell (0, 0); NaN counts as 0.
 *
 * @throws RangeError when `kernelSize` is not odd and positive, `padding` is not an integer from 0 to 255, or `peak` is not positive; the decoder throws it when
 * the array's length and the shape disagree.
 * @example
 * const { xy, score } = secondMaximum()({ heatmaps: await maps.data(), shape: [64, 48, 17] });
 */
export function secondMaximum({
  kernelSize = 21,
  padding = 10,
  shift = 0.25,
  peak = 255,
}: SecondMaximumOptions = {}): Decoder {
  assertKernel('secondMaximum', kernelSize);
  if (!(Number.isInteger(padding) && padding >= 0 && padding <= MOST_TAPS && peak > 0)) {
    throw new RangeError(
      `secondMaximum: padding must be an integer of 0 or more and at most ${MOST_TAPS}, and peak positive. Received: padding=${shown(padding)}, peak=${shown(peak)}.`,
    );
  }
  const decode = (maps: HeatmapArray): Cells => {
    assertMaps('secondMaximum', maps);
    const [height, width, K] = maps.shape;
    const blurred = blurMaps(padded(maps, padding), kernelSize);
    const across = blurred.shape[1];
    const first = findPeaks(blurred);
    first.cells.forEach((cell, k) => (blurred.heatmaps[cell * K + k] = 0));
    const second = firstOfEquals(blurred, findPeaks(blurred).values);
    const xy = new Float32Array(2 * K);
    const score = new Float32Array(K);
    for (let k = 0; k < K; k++) {
      const [a, b] = [first.cells[k]!, second[k]!];
      const [x, y] = first.values[k]! > 0 ? [(a % across) - padding, Math.floor(a / across) - padding] : [0, 0];
      const [dx, dy] = [(b % across) - (a % across), Math.floor(b / across) - Math.floor(a / across)];
      const step = first.values[k]! > 0 && a !== b ? shift / Math.hypot(dx, dy) : 0;
      xy[2 * k] = Math.min(Math.max(x + step * dx, 0), width - 1);
      xy[2 * k + 1] = Math.min(Math.max(y + step * dy, 0), height - 1);
      const at = (Math.round(xy[2 * k + 1]!) * width + Math.round(xy[2 * k]!)) * K + k;
      score[k] = (maps.heatmaps[at]! || 0) / peak + 0.5;
    }
    return { xy, score };
  };
  return Object.assign(decode, {
    error: (model: GaussianModel) => secondMaximumError(model, kernelSize, padding, shift),
    toJSON: () => ({ decoder: 'second-maximum' as const, kernelSize, padding, shift, peak }),
  });
}

/** The first cell whose value is the largest up to rounding: the neighbours of a symmetric peak are equal, and rounding in the blur must not decide. */
function firstOfEquals({ heatmaps, shape: [, , K] }: HeatmapArray, largest: Float32Array): Int32Array {
  return Int32Array.from(largest, (value, k) => {
    let at = k;
    while (at < heatmaps.length && !(heatmaps[at]! >= value * (1 - 1e-6))) at += K;
    return at < heatmaps.length ? (at - k) / K : 0;
  });
}

/** Each map with zero padding, NaN as 0. */
function padded({ heatmaps, shape: [height, width, K] }: HeatmapArray, padding: number): HeatmapArray {
  const across = width + 2 * padding;
  const framed = new Float32Array((height + 2 * padding) * across * K);
  for (let y = 0; y < height; y++) {
    framed.set(heatmaps.subarray(y * width * K, (y + 1) * width * K), ((y + padding) * across + padding) * K);
  }
  return { heatmaps: framed, shape: [height + 2 * padding, across, K] };
}

/**
 * The error of argmax, plus the shift where a map is symmetric and has no higher side. Near the border the zeros outside pull the blur inwards; the definition, evaluated
 * along one axis, gives the amount: Gaussian and blur are products over both axes.
 */
function secondMaximumError(
  { center, overhang, sigma, size }: GaussianModel,
  kernelSize: number,
  padding: number,
  shift: number,
): DecoderError {
  const kernel = blurKernel(kernelSize);
  const half = (kernelSize - 1) / 2;
  const margin = half + 1;
  const length = Math.min(...size);
  const found = (middle: number): number => {
    let [largest, at] = [-1, 0];
    for (let x = -padding; x < length + padding; x++) {
      let sum = 0;
      for (let i = Math.max(0, x - half); i <= Math.min(length - 1, x + half); i++) {
        sum += kernel[i - x + half]! * Math.exp(-((i - middle) ** 2) / (2 * sigma ** 2));
      }
      if (sum > largest) [largest, at] = [sum, x];
    }
    return Math.min(Math.max(at, 0), length - 1);
  };
  let border = 0.5;
  for (let c = -overhang; c <= Math.min(margin, length / 2); c += 0.05) {
    for (const middle of centersOf(c, center)) border = Math.max(border, Math.abs(found(middle) - c));
  }
  // Half a twentieth is the distance between the samples.
  return { interior: center === 'exact' ? Math.max(0.5, shift) : 0.5 + shift, margin, border: border + shift + 0.05 };
}
