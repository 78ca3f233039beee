/**
 * Plain float64 reference kernels: loops written from the definitions, with no optimisation and no tfjs, for engines to be held to.
 * Layouts are tfjs's: maps `[N, H, W, C]`, filters `[kh, kw, in, out]`, depthwise filters `[kh, kw, C, multiplier]`.
 */
export type Numbers = ArrayLike<number>;

/** The sizes of a convolution or pooling, as tfjs's `Conv2DInfo` names them. */
export interface ConvSizes {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/** Calls `visit` with the flat pixel index of every input pixel, output pixel and tap that meet. */
function eachTap(s: ConvSizes, visit: (inPixel: number, outPixel: number, tap: number) => void): void {
  for (let n = 0; n < s.batchSize; n++) {
    for (let oy = 0; oy < s.outHeight; oy++) {
      for (let ox = 0; ox < s.outWidth; ox++) {
        for (let ky = 0; ky < s.filterHeight; ky++) {
          for (let kx = 0; kx < s.filterWidth; kx++) {
            const y = oy * s.strideHeight + ky * s.dilationHeight - s.padInfo.top;
            const x = ox * s.strideWidth + kx * s.dilationWidth - s.padInfo.left;
            if (y < 0 || y >= s.inHeight || x < 0 || x >= s.inWidth) continue;
            const outPixel = (n * s.outHeight + oy) * s.outWidth + ox;
            visit((n * s.inHeight + y) * s.inWidth + x, outPixel, ky * s.filterWidth + kx);
          }
        }
      }
    }
  }
}

const inputSize = (s: ConvSizes): number => s.batchSize * s.inHeight * s.inWidth * s.inChannels;
const outputSize = (s: ConvSizes): number => s.batchSize * s.outHeight * s.outWidth * s.outChannels;

/** Channels of a convolution's two maps; output channel c·m + q of a depthwise one belongs to input channel c. */
interface Channels {
  readonly inChannels: number;
  readonly outChannels: number;
}

/** What one tap contributes, given where its input pixel, output pixel and weights begin. */
type TapSum = (input: number, output: number, weights: number, channels: Channels) => void;

function accumulate(s: ConvSizes, weightsPerTap: number, sum: TapSum): void {
  eachTap(s, (inPixel, outPixel, tap) => sum(inPixel * s.inChannels, outPixel * s.outChannels, tap * weightsPerTap, s));
}

/** The worst difference in units of the wanted values' deviation. */
export function worstOfDeviation(found: Numbers, wanted: Float64Array): number {
  const deviation = Math.sqrt(wanted.reduce((sum, value) => sum + value * value, 0) / wanted.length);
  return wanted.reduce((worst, value, i) => Math.max(worst, Math.abs(found[i]! - value)), 0) / deviation;
}

export function conv2d(x: Numbers, w: Numbers, s: ConvSizes): Float64Array {
  const y = new Float64Array(outputSize(s));
  accumulate(s, s.inChannels * s.outChannels, (input, output, weights, { inChannels, outChannels }) => {
    for (let c = 0; c < inChannels; c++) {
      for (let o = 0; o < outChannels; o++) y[output + o]! += x[input + c]! * w[weights + c * outChannels + o]!;
    }
  });
  return y;
}

export function conv2dBackpropFilter(x: Numbers, dy: Numbers, s: ConvSizes): Float64Array {
  const dw = new Float64Array(s.filterHeight * s.filterWidth * s.inChannels * s.outChannels);
  accumulate(s, s.inChannels * s.outChannels, (input, output, weights, { inChannels, outChannels }) => {
    for (let c = 0; c < inChannels; c++) {
      for (let o = 0; o < outChannels; o++) dw[weights + c * outChannels + o]! += x[input + c]! * dy[output + o]!;
    }
  });
  return dw;
}

export function conv2dBackpropInput(dy: Numbers, w: Numbers, s: ConvSizes): Float64Array {
  const dx = new Float64Array(inputSize(s));
  accumulate(s, s.inChannels * s.outChannels, (input, output, weights, { inChannels, outChannels }) => {
    for (let c = 0; c < inChannels; c++) {
      for (let o = 0; o < outChannels; o++) dx[input + c]! += w[weights + c * outChannels + o]! * dy[output + o]!;
    }
  });
  return dx;
}

export function depthwiseConv2d(x: Numbers, w: Numbers, s: ConvSizes): Float64Array {
  const y = new Float64Array(outputSize(s));
  accumulate(s, s.outChannels, (input, output, weights, { inChannels, outChannels }) => {
    const multiplier = outChannels / inChannels;
    for (let o = 0; o < outChannels; o++) y[output + o]! += x[input + Math.floor(o / multiplier)]! * w[weights + o]!;
  });
  return y;
}

export function depthwiseBackpropFilter(x: Numbers, dy: Numbers, s: ConvSizes): Float64Array {
  const dw = new Float64Array(s.filterHeight * s.filterWidth * s.outChannels);
  accumulate(s, s.outChannels, (input, output, weights, { inChannels, outChannels }) => {
    const multiplier = outChannels / inChannels;
    for (let o = 0; o < outChannels; o++) dw[weights + o]! += x[input + Math.floor(o / multiplier)]! * dy[output + o]!;
  });
  return dw;
}

export function depthwiseBackpropInput(dy: Numbers, w: Numbers, s: ConvSizes): Float64Array {
  const dx = new Float64Array(inputSize(s));
  accumulate(s, s.outChannels, (input, output, weights, { inChannels, outChannels }) => {
    const multiplier = outChannels / inChannels;
    for (let o = 0; o < outChannels; o++) dx[input + Math.floor(o / multiplier)]! += w[weights + o]! * dy[output + o]!;
  });
  return dx;
}

/** Maxima of the windows, padding excluded. */
export function maxPool(x: Numbers, s: ConvSizes): Float64Array {
  const c = s.inChannels;
  const y = new Float64Array(outputSize(s)).fill(-Infinity);
  eachTap(s, (i, o) => {
    for (let k = 0; k < c; k++) y[o * c + k] = Math.max(y[o * c + k]!, x[i * c + k]!);
  });
  return y;
}

/** Each window's gradient goes to the first of its maxima. */
export function maxPoolGradient(dy: Numbers, x: Numbers, s: ConvSizes): Float64Array {
  const c = s.inChannels;
  const y = maxPool(x, s);
  const taken = new Uint8Array(y.length);
  const dx = new Float64Array(inputSize(s));
  eachTap(s, (i, o) => {
    for (let k = 0; k < c; k++) {
      const out = o * c + k;
      if (taken[out] || x[i * c + k]! !== y[out]!) continue;
      taken[out] = 1;
      dx[i * c + k]! += dy[out]!;
    }
  });
  return dx;
}

/** `[m, k] · [k, n]`, with either side given transposed. */
export function matMul(
  a: Numbers,
  b: Numbers,
  [m, k, n]: readonly [number, number, number],
  transposeA = false,
  transposeB = false,
): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) {
        out[i * n + j]! += a[transposeA ? p * m + i : i * k + p]! * b[transposeB ? j * k + p : p * n + j]!;
      }
    }
  }
  return out;
}

/** Sums of the columns of `[rows, columns]`. */
export function columnSums(x: Numbers, rows: number, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) sums[i % columns]! += x[i]!;
  return sums;
}

export interface BatchNormInputs {
  readonly x: Numbers;
  readonly mean: Numbers;
  readonly variance: Numbers;
  readonly scale: Numbers;
  readonly offset: Numbers;
}

/** (x − mean) / √(variance + epsilon) · scale + offset, by channel. */
export function batchNorm(t: BatchNormInputs, epsilon: number): Float64Array {
  const c = t.mean.length;
  return Float64Array.from(t.x, (value, i) => {
    const k = i % c;
    return ((value - t.mean[k]!) / Math.sqrt(t.variance[k]! + epsilon)) * t.scale[k]! + t.offset[k]!;
  });
}

/** The gradients of `batchNorm` with respect to each of its inputs. */
export function batchNormGradients(
  dy: Numbers,
  t: BatchNormInputs,
  epsilon: number,
): Record<keyof BatchNormInputs, Float64Array> {
  const c = t.mean.length;
  const sums = (): Float64Array => new Float64Array(c);
  const out = { x: new Float64Array(t.x.length), mean: sums(), variance: sums(), scale: sums(), offset: sums() };
  for (let i = 0; i < t.x.length; i++) {
    const k = i % c;
    const inverse = 1 / Math.sqrt(t.variance[k]! + epsilon);
    const centred = t.x[i]! - t.mean[k]!;
    out.x[i] = dy[i]! * t.scale[k]! * inverse;
    out.mean[k]! -= dy[i]! * t.scale[k]! * inverse;
    out.variance[k]! -= 0.5 * dy[i]! * t.scale[k]! * centred * inverse ** 3;
    out.scale[k]! += dy[i]! * centred * inverse;
    out.offset[k]! += dy[i]!;
  }
  return out;
}

/** Mean and biased variance of each channel. */
function moments(x: Numbers, channels: number): { mean: Float64Array; variance: Float64Array } {
  const rows = x.length / channels;
  const mean = columnSums(x, rows, channels).map((s) => s / rows);
  const squares = Float64Array.from(x, (value, i) => (value - mean[i % channels]!) ** 2);
  return { mean, variance: columnSums(squares, rows, channels).map((s) => s / rows) };
}

/** Batch normalisation by the batch's own statistics. */
export function batchNormTraining(
  x: Numbers,
  scale: Numbers,
  offset: Numbers,
  epsilon: number,
): { y: Float64Array; mean: Float64Array; variance: Float64Array } {
  const { mean, variance } = moments(x, scale.length);
  return { y: batchNorm({ x, mean, variance, scale, offset }, epsilon), mean, variance };
}

/** Its gradients, through the statistics: the chain rule over x → mean, x → variance and x → y. */
export function batchNormTrainingGradients(
  dy: Numbers,
  x: Numbers,
  scale: Numbers,
  epsilon: number,
): { x: Float64Array; scale: Float64Array; offset: Float64Array } {
  const c = scale.length;
  const rows = x.length / c;
  const { mean, variance } = moments(x, c);
  const direct = batchNormGradients(dy, { x, mean, variance, scale, offset: new Float64Array(c) }, epsilon);
  const dx = direct.x.map((value, i) => {
    const k = i % c;
    return value + direct.mean[k]! / rows + (direct.variance[k]! * 2 * (x[i]! - mean[k]!)) / rows;
  });
  return { x: dx, scale: direct.scale, offset: direct.offset };
}

/** max |got − wanted| / max |wanted|. */
export function relativeError(got: Numbers, wanted: Numbers): number {
  if (got.length !== wanted.length) return Infinity;
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    if (!(difference <= worst)) worst = difference;
    scale = Math.max(scale, Math.abs(wanted[i]!));
  }
  return worst === 0 ? 0 : worst / scale;
}
