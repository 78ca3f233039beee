import { knownOptions, requireThat } from '../bytes';
import type { Box, Size } from '../keypoints';
import { centerToCrop, type CropOptions, type Region } from './center-crop';
import { assertSize, type Crop } from './crop';

/** Options of {@link boxToCrop}. */
export interface BoxCropOptions extends CropOptions {
  /** Factor applied to the box after it is extended to the input's aspect ratio. @defaultValue 1.25, as in the COCO configurations */
  readonly padding?: number;
}

/**
 * The region of a box for a network: the box, widened or heightened about its centre to the input's aspect ratio, times
 * `padding`. The reference's "centre and scale" is this with `scale = size / 200`; the area that OKS-NMS expects is
 * `size[0] · size[1]`.
 *
 * A box without width (or height) is a line and takes its width from its height; for a point it throws.
 *
 * @throws RangeError when the box has no extent or is not finite.
 * @example
 * boxRegion([100, 50, 60, 200], [192, 256]); // { center: [130, 150], size: [187.5, 250] }
 */
export function boxRegion(box: Box, inputSize: Size, padding = 1.25): Region {
  requireThat(Array.isArray(box) || ArrayBuffer.isView(box), 'boxToCrop', 'box must be [x, y, width, height]', box);
  const [x, y, width, height] = box;
  const positive = width >= 0 && height >= 0 && width + height > 0 && padding > 0;
  if (!positive || ![x, y, width, height, padding].every(Number.isFinite)) {
    throw new RangeError(
      `boxToCrop: box must be [x, y, width, height] with positive width or height, and padding must be positive. ` +
        `Received: [${x}, ${y}, ${width}, ${height}], padding=${padding}.`,
    );
  }
  assertSize('boxToCrop', inputSize);
  const aspect = inputSize[0] / inputSize[1];
  const w = Math.max(width, height * aspect);
  const h = Math.max(height, width / aspect);
  return { center: [x + width / 2, y + height / 2], size: [w * padding, h * padding] };
}

/**
 * The top-down crop of COCO: box → centre and scale at the input's aspect ratio → affine map.
 *
 * Follows `_xywh2cs` and `get_affine_transform` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the box has no extent, or padding or an input size is not positive.
 * @example
 * const crop = boxToCrop([20, 40, 90, 160], [192, 256]);
 * const [pose] = await codec.decodeBatch(heatmaps); // in the crop's pixels
 * const inImage = crop.toImage(pose!);
 */
export function boxToCrop(box: Box, inputSize: Size, options: BoxCropOptions = {}): Crop {
  const { padding = 1.25, ...others } = knownOptions('boxToCrop', options, ['padding', 'rotation', 'align']);
  return centerToCrop(boxRegion(box, inputSize, padding), inputSize, others);
}

/**
 * A ground-truth box, cleaned as the reference's COCO loader does: clamped to the image, one pixel smaller (its last
 * pixel is inside). Returns `undefined` when nothing is left. Detector boxes are used without this.
 *
 * @example
 * const box = cleanBox(annotation.bbox, [image.width, image.height]);
 * if (box) crops.push(boxToCrop(box, [192, 256]));
 */
export function cleanBox([x, y, width, height]: Box, [imageWidth, imageHeight]: Size): Box | undefined {
  const x1 = Math.max(0, x);
  const y1 = Math.max(0, y);
  const x2 = Math.min(imageWidth - 1, x1 + Math.max(0, width - 1));
  const y2 = Math.min(imageHeight - 1, y1 + Math.max(0, height - 1));
  return x2 >= x1 && y2 >= y1 && x2 + y2 > x1 + y1 ? [x1, y1, x2 - x1, y2 - y1] : undefined;
}
