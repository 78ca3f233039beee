import { assertMaps, type HeatmapArray } from './decoder';

/** @internal Maximum kernel size of a blur: larger than any map needs. It bounds the work that the JSON of a codec can cause. */
export const MOST_TAPS = 255;

/**
 * @internal Checks the kernel size of a blur: odd, at most {@link MOST_TAPS}.
 * @throws RangeError when it is not.
 */
export function assertKernel(where: string, kernelSize: number): void {
  if (!(Number.isInteger(kernelSize) && kernelSize > 0 && kernelSize % 2 === 1)) {
    throw new RangeError(
      `${where}: kernelSize must be odd and positive. Received: ${typeof kernelSize === 'number' ? kernelSize : `a ${typeof kernelSize}`}.`,
    );
  }
  if (kernelSize > MOST_TAPS) {
    throw new RangeError(`${where}: kernelSize must be at most ${MOST_TAPS}. Received: ${kernelSize}.`);
  }
}

/** OpenCV's kernels of up to nine taps, which are rounded approximations of the Gaussian: the half from the centre outwards, before division by the sum. */
const ROUND: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  3: [2, 1],
  5: [6, 4, 1],
  7: [9, 7, 3.5, 1],
  9: [60, 51, 30, 13, 4],
};

/** @internal OpenCV's `getGaussianKernel(size, 0)`: σ = 0.3·((size − 1)/2 − 1) + 0.8 above nine taps, fixed numbers up to there. */
export function blurKernel(size: number): Float64Array {
  const half = (size - 1) / 2;
  const sigma = 0.3 * (half - 1) + 0.8;
  const round = ROUND[size];
  const kernel = Float64Array.from({ length: size }, (_, i) =>
    round ? round[Math.abs(i - half)]! : Math.exp(-((i - half) ** 2) / (2 * sigma ** 2)),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((v) => v / sum);
}

/**
 * @internal For maps with a plateau: each channel's cell `y·W + x` with the largest value after a Gaussian blur. Zeros outside;
 * NaN counts as 0.
 *
 * @throws RangeError when `kernelSize` is not odd and positive; the returned function throws it when the array's length and the shape disagree.
 * @example
 * const cells = blurredArgmax(11)({ heatmaps, shape: [64, 48, 17] });
 */
export function blurredArgmax(kernelSize: number): (maps: HeatmapArray) => Int32Array {
  assertKernel('blurredArgmax', kernelSize);
  return (maps) => {
    assertMaps('blurredArgmax', maps);
    const [height, width, K] = maps.shape;
    const { heatmaps: blurred } = blurMaps(maps, kernelSize);
    const cells = new Int32Array(K);
    for (let k = 0; k < K; k++) {
      let best = -Infinity;
      for (let cell = 0, at = k; cell < width * height; cell++, at += K) {
        if (blurred[at]! > best) {
          best = blurred[at]!;
          cells[k] = cell;
        }
      }
    }
    return cells;
  };
}

/** @internal Every map blurred by OpenCV's kernel of that size, with zeros outside and NaN as 0. */
export function blurMaps({ heatmaps, shape }: HeatmapArray, kernelSize: number): HeatmapArray {
  const [height, width, K] = shape;
  const kernel = blurKernel(kernelSize);
  const across = convolve(heatmaps, K, width, kernel);
  return { heatmaps: convolve(across, width * K, height, kernel), shape };
}

/** One separable pass along an axis of `length` elements with stride `step`; zeros outside. */
function convolve(source: Float32Array, step: number, length: number, kernel: Float64Array): Float32Array {
  const half = (kernel.length - 1) / 2;
  const result = new Float32Array(source.length);
  for (let line = 0; line < source.length; line += step * length) {
    for (let position = 0; position < length; position++) {
      const first = Math.max(-half, -position);
      const last = Math.min(half, length - 1 - position);
      for (let i = line + position * step, end = i + step; i < end; i++) {
        let sum = 0;
        for (let t = first; t <= last; t++) sum += kernel[t + half]! * (source[i + t * step]! || 0);
        result[i] = sum;
      }
    }
  }
  return result;
}
