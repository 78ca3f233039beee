import type { Crop } from '../geometry';
import type { PixelChanges } from './augment';
import { changePixels } from './change-pixels';
import { cropImage } from './crop-image';
import type { RgbImage } from './image';
import type { Normalization } from './normalization';

/** The parts of a {@link SamplePlan} that determine the pixels; plain data, so that it can be sent to a worker thread. */
export interface PixelPlan {
  readonly crop: Pick<Crop, 'inverse' | 'inputSize' | 'window'>;
  readonly changes: PixelChanges;
}

/** Crops, normalises and changes an image as planned, into one slot of a batch. */
export function renderSample(
  image: RgbImage,
  { crop, changes }: PixelPlan,
  normalization: Normalization,
  out: Float32Array,
): void {
  cropImage(image, crop, { normalization, out });
  if (changes.gains ?? changes.hole) changePixels(out, crop.inputSize, changes, normalization);
}
