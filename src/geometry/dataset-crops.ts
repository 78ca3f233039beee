import type { Box, Keypoints, Size } from '../keypoints';
import { centerToCrop, type CropOptions, type Region } from './center-crop';
import { assertSize, cropFromMatrix, type Crop } from './crop';

/** A person of MPII's original annotation file: 1-based `center` in pixels, `scale` = person height / 200. The `Person` of our readers has the values of the reference crop. */
export interface MpiiPerson {
  readonly center: readonly [x: number, y: number];
  readonly scale: number;
}

/**
 * The region of an MPII person in 0-based image pixels: 15·scale lower, so that the feet stay inside, and 1.25 times as
 * large. A missing centre (x = −1) only becomes 0-based, as in the reference. Subtract 1 from the joints of that file as well.
 *
 * Follows the MPII loader of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @example
 * mpiiRegion({ center: [594, 257], scale: 3.021046 }); // center [593, 301.31569], size 755.2615²
 */
export function mpiiRegion({ center: [x, y], scale }: MpiiPerson): Region {
  const known = x !== -1;
  const side = scale * (known ? 1.25 : 1) * 200;
  return { center: [x - 1, (known ? y + 15 * scale : y) - 1], size: [side, side] };
}

/**
 * The crop of MPII: centre and scale of the annotation file → affine map.
 *
 * @throws RangeError when scale is not positive.
 * @example const crop = mpiiToCrop({ center: [594, 257], scale: 3.021046 }, [256, 256]);
 */
export function mpiiToCrop(person: MpiiPerson, inputSize: Size, options: CropOptions = {}): Crop {
  return centerToCrop(mpiiRegion(person), inputSize, options);
}

/**
 * Paper 001's window on an MPII person: from 60·scale left and 105·scale above the centre, 120·scale wide and 210·scale
 * high, each side clamped to the image. Not rounded.
 *
 * @example
 * bodyWindow({ center: [594, 257], scale: 3.021046 }, [1280, 720]); // [412.7372, 0, 362.5255, 574.2098]
 */
export function bodyWindow({ center: [x, y], scale }: MpiiPerson, [imageWidth, imageHeight]: Size): Box {
  const clamp = (value: number, high: number): number => Math.min(Math.max(value, 0), high);
  const left = x - 60 * scale;
  const top = y - 105 * scale;
  const [x1, x2] = [clamp(left, imageWidth), clamp(left + 120 * scale, imageWidth)];
  const [y1, y2] = [clamp(top, imageHeight), clamp(top + 210 * scale, imageHeight)];
  return [x1, y1, x2 - x1, y2 - y1];
}

/**
 * The crop of paper 001 (reduced hourglass): the {@link bodyWindow}, zero-padded to a square and resized.
 *
 * The paper specifies neither the rounding nor the side of the padding; here pixels are rounded outwards (floor of left and top, ceil
 * of right and bottom) and half of the padding is on either side. Keypoints map by `(p − corner + padding)·inputSize/side`.
 * The window follows the centre as given: with the 1-based centre of the file, it lies one pixel further right and down.
 *
 * @throws RangeError when the window lies outside the image.
 * @example const crop = bodyWindowCrop({ center: [594, 257], scale: 3.021046 }, [1280, 720], [256, 256]);
 */
export function bodyWindowCrop(person: MpiiPerson, imageSize: Size, inputSize: Size): Crop {
  assertSize('bodyWindowCrop', imageSize);
  const [x, y, w, h] = bodyWindow(person, imageSize);
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [width, height] = [Math.ceil(x + w) - left, Math.ceil(y + h) - top];
  if (!(width > 0 && height > 0)) {
    throw new RangeError(
      `bodyWindowCrop: the person must lie inside the image. ` +
        `Received: center=[${person.center}], scale=${person.scale}, image=[${imageSize}].`,
    );
  }
  return letterbox([left, top, width, height], inputSize);
}

/**
 * The whole image as a crop, for datasets with one person per image (Leeds Sports Poses): zero-padded to the input's
 * aspect ratio with the person's proportions kept (`'contain'`, the default), or stretched to it (`'stretch'`).
 *
 * @throws RangeError when a size is not positive.
 * @example const crop = imageToCrop([110, 182], [256, 256]);
 */
export function imageToCrop(
  imageSize: Size,
  inputSize: Size,
  { fit = 'contain' }: { readonly fit?: 'contain' | 'stretch' } = {},
): Crop {
  assertSize('imageToCrop', imageSize);
  assertSize('imageToCrop', inputSize);
  if (fit === 'contain') return letterbox([0, 0, ...imageSize], inputSize);
  return cropFromMatrix([inputSize[0] / imageSize[0], 0, 0, 0, inputSize[1] / imageSize[1], 0], inputSize);
}

/**
 * The smallest box around the labelled keypoints (score > 0), for datasets that publish no boxes: with a square input,
 * `boxToCrop(keypointsBox(person), [256, 256])` is the usual square crop of LSP. `undefined` when no keypoint is labelled.
 *
 * @example
 * const box = keypointsBox(person);
 * if (box) crops.push(boxToCrop(box, [256, 256], { padding: 1.25 }));
 */
export function keypointsBox({ xy, score }: Keypoints<'image'>): Box | undefined {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  score.forEach((labelled, k) => {
    if (!(labelled > 0)) return;
    x1 = Math.min(x1, xy[2 * k]!);
    y1 = Math.min(y1, xy[2 * k + 1]!);
    x2 = Math.max(x2, xy[2 * k]!);
    y2 = Math.max(y2, xy[2 * k + 1]!);
  });
  return x2 >= x1 && y2 >= y1 ? [x1, y1, x2 - x1, y2 - y1] : undefined;
}

/** A window of the image centred in the input, as large as fits, with zeros around it. */
function letterbox(window: Box, inputSize: Size): Crop {
  const [left, top, width, height] = window;
  const k = Math.min(inputSize[0] / width, inputSize[1] / height);
  const padX = (inputSize[0] / k - width) / 2;
  const padY = (inputSize[1] / k - height) / 2;
  return cropFromMatrix([k, 0, k * (padX - left), 0, k, k * (padY - top)], inputSize, window);
}
