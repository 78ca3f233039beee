import type { Crop } from '../geometry';
import type { RgbImage } from './image';
import { normalizationOf, type Normalization, type NormalizationName } from './normalization';

/** Options of {@link cropImage}. */
export interface CropImageOptions {
  /** Normalisation of the pixels. @defaultValue `'imagenet'` */
  readonly normalization?: NormalizationName | Normalization;
  /** Output array, such as one slot of a batch. @defaultValue a new array */
  readonly out?: Float32Array;
}

/**
 * Top-down crop: warps an image by any 2×3 affine map and normalises it in one pass, with bilinear interpolation in floating point.
 * Pixels outside the image (and outside the crop's window, if it has one) are black: 0 before normalisation, blended with
 * the last pixel as by `cv2.warpAffine(…, borderMode=BORDER_CONSTANT)`. OpenCV rounds coordinates to 1/32 px; this
 * function does not.
 *
 * @param image interleaved RGB.
 * @param crop from `boxToCrop`, `centerToCrop` or, for any affine map, `cropFromMatrix`.
 * @returns `[height, width, 3]` of `crop.inputSize`, the network's input values.
 * @throws RangeError when `out` has the wrong length.
 * @example
 * const crop = boxToCrop(person.box, [192, 256]);
 * const pixels = cropImage(image, crop, { normalization: 'imagenet-bgr' });
 * const tensor = tf.tensor4d(pixels, [1, 256, 192, 3]);
 */
export function cropImage(
  image: RgbImage,
  {
    inverse: [ix, iy, ox, jx, jy, oy],
    inputSize: [width, height],
    window,
  }: Pick<Crop, 'inverse' | 'inputSize' | 'window'>,
  { normalization = 'imagenet', out = new Float32Array(3 * width * height) }: CropImageOptions = {},
): Float32Array {
  if (out.length !== 3 * width * height) {
    throw new RangeError(`cropImage: out must hold 3 × ${width} × ${height} values. Received: ${out.length}.`);
  }
  const { channels, mean, std } = normalizationOf(normalization);
  const first = channels === 'rgb' ? 0 : 2;
  const [s0, s1, s2] = std.map((deviation) => 1 / (255 * deviation)) as [number, number, number];
  const [b0, b1, b2] = mean.map((value, c) => -value / std[c]!) as [number, number, number];

  const [x0, y0, x1, y1] = visible(image, window);
  const inner: Interval = { from: 0, until: 0 };
  row.set([ix, 0, jx, 0, s0, s1, s2, b0, b1, b2]);
  for (let y = 0; y < height; y++) {
    row[1] = iy * y + ox;
    row[3] = jy * y + oy;
    inner.from = 0;
    inner.until = width;
    clip(inner, 0, x0, x1);
    clip(inner, 2, y0, y1);
    for (let x = 0, to = 3 * width * y; x < width; x++, to += 3) {
      if (x === inner.from && inner.from < inner.until) {
        blendRow(image, out, to, x, inner.until, first);
        to += 3 * (inner.until - x);
        x = inner.until;
        if (x === width) break;
      }
      border.fill(0);
      blendBorder(image, x0, y0, x1, y1, x);
      out[to] = border[first]! * s0 + b0;
      out[to + 1] = border[1]! * s1 + b1;
      out[to + 2] = border[2 - first]! * s2 + b2;
    }
  }
  return out;
}

/**
 * The parameters of a row: column x shows the image at (row[0]·x + row[1], row[2]·x + row[3]); then
 * three factors and three offsets of the channels. As function arguments, V8 would allocate each number.
 */
const row = /* @__PURE__ */ new Float64Array(10);

interface Interval {
  from: number;
  until: number;
}

/** Narrows `inner` to the columns x with from ≤ a·x + b < until, where `row` has a and b at `axis`. */
function clip(inner: Interval, axis: 0 | 2, from: number, until: number): void {
  const a = row[axis]!;
  const b = row[axis + 1]!;
  if (a === 0) {
    if (b < from || b >= until) inner.until = inner.from;
    return;
  }
  const first = (a > 0 ? from - b : until - b) / a;
  const last = (a > 0 ? until - b : from - b) / a;
  inner.from = Math.max(inner.from, Math.ceil(first));
  inner.until = Math.min(inner.until, Math.floor(last) + 1);
  // The divisions may be off by a rounding error; the samples must not be.
  while (inner.from < inner.until && !within(a * inner.from + b, from, until)) inner.from++;
  while (inner.from < inner.until && !within(a * (inner.until - 1) + b, from, until)) inner.until--;
}

function within(value: number, from: number, until: number): boolean {
  return value >= from && value < until;
}

/** Columns [x, until) of a row whose neighbours can all be read. Plain numbers only: this is the hot loop. */
function blendRow(
  { data, width }: RgbImage,
  out: Float32Array,
  at: number,
  x: number,
  until: number,
  first: number,
): void {
  // One by one: destructuring would allocate the numbers again.
  const ix = row[0]!;
  const rowX = row[1]!;
  const jx = row[2]!;
  const rowY = row[3]!;
  const s0 = row[4]!;
  const s1 = row[5]!;
  const s2 = row[6]!;
  const b0 = row[7]!;
  const b1 = row[8]!;
  const b2 = row[9]!;
  const stride = 3 * width;
  const third = 2 - first;
  for (let to = at; x < until; x++, to += 3) {
    const u = ix * x + rowX;
    const v = jx * x + rowY;
    const left = u | 0;
    const top = v | 0;
    const fx = u - left;
    const fy = v - top;
    const p11 = fx * fy;
    const p10 = fy - p11;
    const p01 = fx - p11;
    const p00 = 1 - fx - p10;
    const a = top * stride + 3 * left;
    const b = a + 3;
    const c = a + stride;
    const d = c + 3;
    out[to] =
      (p00 * data[a + first]! + p01 * data[b + first]! + p10 * data[c + first]! + p11 * data[d + first]!) * s0 + b0;
    out[to + 1] = (p00 * data[a + 1]! + p01 * data[b + 1]! + p10 * data[c + 1]! + p11 * data[d + 1]!) * s1 + b1;
    out[to + 2] =
      (p00 * data[a + third]! + p01 * data[b + third]! + p10 * data[c + third]! + p11 * data[d + third]!) * s2 + b2;
  }
}

/** Temporary values of {@link blendBorder}: red, green, blue. */
const border = /* @__PURE__ */ new Float64Array(3);

/** Adds the bilinear sample of a column to `border`; pixels outside the image count as black. */
function blendBorder({ data, width }: RgbImage, x0: number, y0: number, x1: number, y1: number, column: number): void {
  const u = row[0]! * column + row[1]!;
  const v = row[2]! * column + row[3]!;
  const left = Math.floor(u);
  const top = Math.floor(v);
  for (let y = Math.max(top, y0); y <= Math.min(top + 1, y1); y++) {
    const wy = y === top ? top + 1 - v : v - top;
    for (let x = Math.max(left, x0); x <= Math.min(left + 1, x1); x++) {
      const weight = wy * (x === left ? left + 1 - u : u - left);
      for (let c = 0; c < 3; c++) border[c]! += weight * data[3 * (y * width + x) + c]!;
    }
  }
}

/** First and last columns and rows that may be read. A window includes the pixels that it touches. */
function visible({ width, height }: RgbImage, window: Crop['window']): [number, number, number, number] {
  if (window === undefined) return [0, 0, width - 1, height - 1];
  const [x, y, w, h] = window;
  return [
    Math.max(0, Math.floor(x)),
    Math.max(0, Math.floor(y)),
    Math.min(width, Math.ceil(x + w)) - 1,
    Math.min(height, Math.ceil(y + h)) - 1,
  ];
}
