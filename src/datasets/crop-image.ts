import type { Crop } from '../postprocess';
import type { RgbImage } from './image';
import { normalizationOf, type Normalization, type NormalizationName } from './normalization';

export interface CropImageOptions {
  /** Default `'imagenet'`. */
  readonly normalization?: NormalizationName | Normalization;
  /** Where to write: one slot of a batch. Default: a new array. */
  readonly out?: Float32Array;
}

/**
 * The top-down crop: warps an image by any 2×3 affine and normalises it, in one pass, bilinear in float.
 * Outside the image (and outside the crop's window, if it has one) lies black: 0 before normalisation, blended over
 * the last pixel as `cv2.warpAffine(…, borderMode=BORDER_CONSTANT)` does. OpenCV rounds coordinates to 1/32 px; this
 * does not.
 *
 * @param image interleaved RGB.
 * @param crop from `boxToCrop`, `centerToCrop` or, for any affine, `cropFromMatrix`.
 * @returns `[height, width, 3]` of `crop.inputSize`, the values the network reads.
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

  const { data } = image;
  const stride = 3 * image.width;
  const [x0, y0, x1, y1] = visible(image, window);
  for (let y = 0, to = 0; y < height; y++) {
    const rowX = iy * y + ox;
    const rowY = jy * y + oy;
    for (let x = 0; x < width; x++, to += 3) {
      const u = ix * x + rowX;
      const v = jx * x + rowY;
      if (u >= x0 && v >= y0 && u < x1 && v < y1) {
        const left = u | 0;
        const top = v | 0;
        const fx = u - left;
        const fy = v - top;
        const p11 = fx * fy;
        const p10 = fy - p11;
        const p01 = fx - p11;
        const p00 = 1 - fx - p10;
        const at = top * stride + 3 * left;
        const below = at + stride;
        const r = p00 * data[at]! + p01 * data[at + 3]! + p10 * data[below]! + p11 * data[below + 3]!;
        const g = p00 * data[at + 1]! + p01 * data[at + 4]! + p10 * data[below + 1]! + p11 * data[below + 4]!;
        const b = p00 * data[at + 2]! + p01 * data[at + 5]! + p10 * data[below + 2]! + p11 * data[below + 5]!;
        out[to] = (first === 0 ? r : b) * s0 + b0;
        out[to + 1] = g * s1 + b1;
        out[to + 2] = (first === 0 ? b : r) * s2 + b2;
      } else if (u > x0 - 1 && v > y0 - 1 && u < x1 + 1 && v < y1 + 1) {
        for (let c = 0; c < 3; c++) border[c] = 0;
        blendBorder(data, stride, x0, y0, x1, y1, u, v);
        out[to] = border[first]! * s0 + b0;
        out[to + 1] = border[1]! * s1 + b1;
        out[to + 2] = border[2 - first]! * s2 + b2;
      } else {
        out[to] = b0;
        out[to + 1] = b1;
        out[to + 2] = b2;
      }
    }
  }
  return out;
}

/** Scratch of {@link blendBorder}: red, green, blue. */
const border = /* @__PURE__ */ new Float64Array(3);

/** Adds a bilinear sample, some of whose four pixels lie outside and count as black, to `border`. */
function blendBorder(
  data: Uint8Array,
  stride: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  u: number,
  v: number,
): void {
  const left = Math.floor(u);
  const top = Math.floor(v);
  for (let y = Math.max(top, y0); y <= Math.min(top + 1, y1); y++) {
    const wy = y === top ? top + 1 - v : v - top;
    for (let x = Math.max(left, x0); x <= Math.min(left + 1, x1); x++) {
      const weight = wy * (x === left ? left + 1 - u : u - left);
      for (let c = 0; c < 3; c++) border[c]! += weight * data[y * stride + 3 * x + c]!;
    }
  }
}

/** First and last columns and rows that may be read. A window counts the pixels it touches. */
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
