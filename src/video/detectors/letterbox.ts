import { cropImage, type Normalization } from '../../datasets';
import { readPixels, type ImageSource } from '../../inference';
import type { Box, Size } from '../../keypoints';

/** An image scaled down to a detector's input. */
export interface Letterbox {
  /** `[height, width, 3]` of `size`. */
  readonly pixels: Float32Array;
  /** `[width, height]` of the pixels. */
  readonly size: Size;
  /** Converts a box, given by its corners in pixels of the detector's input from edge to edge, to one within the image. */
  toImage(x0: number, y0: number, x1: number, y1: number): Box;
}

/** RGB from 0 to 255. */
export const RAW: Normalization = { channels: 'rgb', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };

/**
 * Scales the whole image into the top left corner of an input, keeping its aspect ratio; the rest is black.
 *
 * @param fit maps the image's `[width, height]` to the input's.
 */
export async function letterbox(
  source: ImageSource,
  fit: (image: Size) => Size,
  normalization: Normalization,
  limits: { readonly longest: number },
): Promise<Letterbox> {
  const part = await readPixels(source, { longest: limits.longest });
  const [width, height] = part.size;
  const size = fit(part.size);
  const k = Math.min(size[0] / width, size[1] / height);
  const [sx, sy] = [part.scale[0] / k, part.scale[1] / k];
  const inverse = [sx, 0, 0.5 * sx - 0.5, 0, sy, 0.5 * sy - 0.5] as const;
  const pixels = cropImage(part.image, { inverse, inputSize: size }, { normalization });
  return {
    pixels,
    size,
    toImage(x0, y0, x1, y1) {
      const [left, right] = [x0, x1].map((x) => Math.min(width, Math.max(0, x / k))) as [number, number];
      const [top, bottom] = [y0, y1].map((y) => Math.min(height, Math.max(0, y / k))) as [number, number];
      return [left, top, right - left, bottom - top];
    },
  };
}
