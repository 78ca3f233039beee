import { imageToCrop, type Crop } from '../geometry';
import type { Size } from '../keypoints';
import type { Person } from './person';

/**
 * A crop rule that shows the network a person's whole image, for datasets with one person per image (Leeds Sports Poses): `'contain'` keeps the
 * proportions, with black borders; `'stretch'` resizes it to the input, as paper 000 does.
 *
 * @returns a function for `topDown({ crop })`.
 * @throws RangeError (from that function) when the person has no `imageSize`; `withImageSizes` of `poseblocks/datasets/node` reads it.
 * @example topDown({ persons, crop: wholeImageCrop({ fit: 'stretch' }), readImage, codec })
 */
export function wholeImageCrop(
  options: { readonly fit?: 'contain' | 'stretch' } = {},
): (person: Person, inputSize: Size) => Crop {
  return ({ id, imageSize }, inputSize) => {
    if (imageSize !== undefined) return imageToCrop(imageSize, inputSize, options);
    throw new RangeError(
      `wholeImageCrop: person ${id} must have an imageSize. Received: none. Read them with withImageSizes of poseblocks/datasets/node.`,
    );
  };
}
