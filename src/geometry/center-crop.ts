import type { Size } from '../keypoints';
import { assertSize, cropFromMatrix, type Crop } from './crop';

/** Which points of the two pixel grids coincide. */
export type Alignment =
  /** The reference's: a region of w pixels becomes W pixels, a factor of W / w. */
  | 'edges'
  /** UDP's: w − 1 spacings become W − 1, so that the first and last pixel centres coincide; unbiased under mirroring. */
  | 'centers';

/** A person region: its centre, and its extent before any rotation, in image pixels. */
export interface Region {
  readonly center: readonly [x: number, y: number];
  readonly size: Size;
}

/** Options of {@link centerToCrop}. */
export interface CropOptions {
  /** Degrees; a positive angle turns the person counter-clockwise in the crop. @defaultValue 0 */
  readonly rotation?: number;
  /** Use `'centers'` together with a codec aligned to centers. @defaultValue 'edges' */
  readonly align?: Alignment;
}

/**
 * The crop whose centre is `center` and whose width spans `size[0]` image pixels.
 *
 * `p' = k·R·(p − center) + middle`, `R = [[cos r, sin r], [−sin r, cos r]]`. Aligned to edges, `k = W / size[0]` (only the
 * width determines the scale) and `middle = [W/2, H/2]`; aligned to centers, k is `(W − 1)/size[0]` and `(H − 1)/size[1]`
 * along the two axes and `middle = [(W − 1)/2, (H − 1)/2]`.
 *
 * Follows `get_affine_transform` of github.com/leoxiaobin/deep-high-resolution-net.pytorch, in closed form instead of by
 * three float32 points, and `get_warp_matrix` of Huang et al., "The Devil is in the Details" (UDP),
 * arxiv.org/abs/1911.07524.
 *
 * @throws RangeError when a size is not positive or a number is not finite.
 * @example
 * const crop = centerToCrop({ center: [130, 150], size: [187.5, 250] }, [192, 256], { rotation: 30 });
 */
export function centerToCrop(
  { center, size }: Region,
  inputSize: Size,
  { rotation = 0, align = 'edges' }: CropOptions = {},
): Crop {
  assertSize('centerToCrop', size);
  assertSize('centerToCrop', inputSize);
  const [W, H] = inputSize;
  const last = align === 'centers' ? 1 : 0;
  const kx = (W - last) / size[0];
  const ky = align === 'centers' ? (H - last) / size[1] : kx;
  const radians = (rotation * Math.PI) / 180;
  const cos = Math.cos(radians);
  const sin = Math.sin(radians);
  const [x, y] = center;
  const [a, b, d, e] = [kx * cos, kx * sin, -ky * sin, ky * cos];
  return cropFromMatrix([a, b, (W - last) / 2 - a * x - b * y, d, e, (H - last) / 2 - d * x - e * y], inputSize);
}
