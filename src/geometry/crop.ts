import { requireThat } from '../bytes';
import type { Box, Frame, Keypoints, Size } from '../keypoints';

/** A 2×3 affine matrix, row by row: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * The part of an image that the network sees, as an affine map between the two frames. Plain arrays, no engine.
 *
 * `toImage(toInput(p))` equals `p` up to the rounding of float32.
 */
export interface Crop {
  /** `[width, height]` of the network's input. */
  readonly inputSize: Size;
  /** Image pixels → input pixels. */
  readonly matrix: Affine;
  /** Input pixels → image pixels: the position in the image to sample for each pixel of the crop. */
  readonly inverse: Affine;
  /** The part of the image that belongs to the crop; pixels outside it are zero even where the image continues. Absent: the whole image. */
  readonly window?: Box;
  readonly toInput: (keypoints: Keypoints<'image'>) => Keypoints<'input'>;
  readonly toImage: (keypoints: Keypoints<'input'>) => Keypoints<'image'>;
}

/**
 * A crop from any invertible image → input matrix. All other crops use it, and it restores a crop from JSON.
 *
 * @param window the part of the image that is read, [x, y, width, height] in pixels; all of it without
 * @throws RangeError when the matrix cannot be inverted, or a size is not positive.
 * @example
 * const saved = JSON.stringify(crop.matrix);
 * const restored = cropFromMatrix(JSON.parse(saved), [192, 256]);
 * restored.toImage(keypoints);
 */
export function cropFromMatrix(matrix: Affine, inputSize: Size, window?: Box): Crop {
  const [a, b, c, d, e, f] = matrix;
  const determinant = a * e - b * d;
  if (matrix.length !== 6 || !matrix.every(Number.isFinite) || determinant === 0) {
    throw new RangeError(`cropFromMatrix: matrix must be six numbers of an invertible map. Received: [${matrix}].`);
  }
  assertSize('cropFromMatrix', inputSize);
  const inverse: Affine = [
    e / determinant,
    -b / determinant,
    (b * f - c * e) / determinant,
    -d / determinant,
    a / determinant,
    (c * d - a * f) / determinant,
  ];
  return {
    inputSize,
    matrix,
    inverse,
    ...(window && { window }),
    toInput: (keypoints) => transform(keypoints, matrix, 'image', 'input'),
    toImage: (keypoints) => transform(keypoints, inverse, 'input', 'image'),
  };
}

/**
 * The mirror image of a crop: input column x becomes `width − 1 − x`. Swap the left and right keypoints as
 * well (`flipKeypoints` does both for coordinates).
 *
 * @example
 * const crop = mirrorCrop(boxToCrop(box, [192, 256])); // for augmentation
 */
export function mirrorCrop({ inputSize, matrix: [a, b, c, d, e, f], window }: Crop): Crop {
  return cropFromMatrix([-a, -b, inputSize[0] - 1 - c, d, e, f], inputSize, window);
}

/** @internal Shared by the crops of this folder. */
export function assertSize(where: string, size: Size): void {
  requireThat(Array.isArray(size) || ArrayBuffer.isView(size), where, 'sizes must be [width, height]', size);
  const [width, height] = size;
  if (!(width > 0 && height > 0 && Number.isFinite(width) && Number.isFinite(height))) {
    throw new RangeError(`${where}: sizes must be positive, [width, height]. Received: [${width}, ${height}].`);
  }
}

function transform<From extends Frame, To extends Frame>(
  keypoints: Keypoints<From>,
  [a, b, c, d, e, f]: Affine,
  from: From,
  to: To,
): Keypoints<To> {
  if (keypoints.frame !== from) {
    throw new TypeError(`Crop: keypoints must be in the ${from} frame. Received: frame "${keypoints.frame}".`);
  }
  const { xy } = keypoints;
  const moved = new Float32Array(xy.length);
  for (let i = 0; i < xy.length; i += 2) {
    const x = xy[i]!;
    const y = xy[i + 1]!;
    moved[i] = a * x + b * y + c;
    moved[i + 1] = d * x + e * y + f;
  }
  return { frame: to, xy: moved, score: keypoints.score };
}
