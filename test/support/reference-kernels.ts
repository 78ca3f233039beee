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

/** Calls `visit` with the flat indices of every (input, output, weight) triple of a dense convolution. */
function eachProduct(s: ConvSizes, visit: (x: number, y: number, w: number) => void): void {
  const { inChannels, outChannels } = s;
  eachTap(s, (inPixel, outPixel, tap) => {
    for (let c = 0; c < inChannels; c++) {
      for (let o = 0; o < outChannels; o++) {
        visit(inPixel * inChannels + c, outPixel * outChannels + o, (tap * inChannels + c) * outChannels + o);
      }
    }
  });
}

/** The same for a depthwise convolution; output channel c·m + q belongs to input channel c. */
function eachDepthwiseProduct(s: ConvSizes, visit: (x: number, y: number, w: number) => void): void {
  const { inChannels, outChannels } = s;
  const multiplier = outChannels / inChannels;
  eachTap(s, (inPixel, outPixel, tap) => {
    for (let o = 0; o < outChannels; o++) {
      const c = Math.floor(o / multiplier);
      visit(inPixel * inChannels + c, outPixel * outChannels + o, tap * outChannels + o);
    }
  });
}

type Products = typeof eachProduct;

function forward(each: Products, x: Numbers, w: Numbers, s: ConvSizes): Float64Array {
  const y = new Float64Array(outputSize(s));
  each(s, (i, o, k) => (y[o]! += x[i]! * w[k]!));
  return y;
}

function filterGradient(each: Products, x: Numbers, dy: Numbers, s: ConvSizes, size: number): Float64Array {
  const dw = new Float64Array(size);
  each(s, (i, o, k) => (dw[k]! += x[i]! * dy[o]!));
  return dw;
}

function inputGradient(each: Products, dy: Numbers, w: Numbers, s: ConvSizes): Float64Array {
  const dx = new Float64Array(inputSize(s));
  each(s, (i, o, k) => (dx[i]! += w[k]! * dy[o]!));
  return dx;
}

export const conv2d = (x: Numbers, w: Numbers, s: ConvSizes): Float64Array => forward(eachProduct, x, w, s);

export const conv2dBackpropFilter = (x: Numbers, dy: Numbers, s: ConvSizes): Float64Array =>
  filterGradient(eachProduct, x, dy, s, s.filterHeight * s.filterWidth * s.inChannels * s.outChannels);

export const conv2dBackpropInput = (dy: Numbers, w: Numbers, s: ConvSizes): Float64Array =>
  inputGradient(eachProduct, dy, w, s);

export const depthwiseConv2d = (x: Numbers, w: Numbers, s: ConvSizes): Float64Array =>
  forward(eachDepthwiseProduct, x, w, s);

export const depthwiseBackpropFilter = (x: Numbers, dy: Numbers, s: ConvSizes): Float64Array =>
  filterGradient(eachDepthwiseProduct, x, dy, s, s.filterHeight * s.filterWidth * s.outChannels);

export const depthwiseBackpropInput = (dy: Numbers, w: Numbers, s: ConvSizes): Float64Array =>
  inputGradient(eachDepthwiseProduct, dy, w, s);

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
