import { cropImage, type CropImageOptions } from '../datasets';
import type { Box } from '../keypoints';
import type { Affine, Crop } from '../geometry';
import type { ImagePart } from './image-source';

/** The part of its image that a crop covers, from edge to edge, plus one pixel on each side for bilinear sampling. */
export function footprint({ inverse: [a, b, c, d, e, f], inputSize: [width, height] }: Crop): Box {
  const corners = [
    [0, 0],
    [width - 1, 0],
    [0, height - 1],
    [width - 1, height - 1],
  ] as const;
  const xs = corners.map(([x, y]) => a * x + b * y + c);
  const ys = corners.map(([x, y]) => d * x + e * y + f);
  const [x0, x1, y0, y1] = [Math.min(...xs) - 1, Math.max(...xs) + 2, Math.min(...ys) - 1, Math.max(...ys) + 2];
  return [x0, y0, x1 - x0, y1 - y0];
}

/** The smallest box that contains all boxes. */
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box[0]));
  const y = Math.min(...boxes.map((box) => box[1]));
  return [
    x,
    y,
    Math.max(...boxes.map((box) => box[0] + box[2])) - x,
    Math.max(...boxes.map((box) => box[1] + box[3])) - y,
  ];
}

/**
 * Pixels of the image that the crops need per pixel of the finest crop, times two. At that size, a crop of a downscaled
 * picture differs from one of the picture itself by no more than the picture's noise.
 */
export function neededScale(crops: readonly Crop[]): number {
  return 2 * Math.max(...crops.map(({ matrix: [a, , , d] }) => Math.hypot(a, d)));
}

/** `cropImage` from a part of the image. */
export function cropPart(part: ImagePart, crop: Crop, options: CropImageOptions): Float32Array {
  const [sx, sy] = part.scale;
  const [ox, oy] = part.origin;
  const [a, b, c, d, e, f] = crop.inverse;
  // Coordinate 0 is the first pixel's centre, half a pixel from the edge, which scaling does not move.
  const inverse: Affine = [sx * a, sx * b, sx * (c + 0.5 - ox) - 0.5, sy * d, sy * e, sy * (f + 0.5 - oy) - 0.5];
  const { window } = crop;
  const moved = window && ([(window[0] - ox) * sx, (window[1] - oy) * sy, window[2] * sx, window[3] * sy] as const);
  return cropImage(part.image, { inverse, inputSize: crop.inputSize, ...(moved && { window: moved }) }, options);
}
