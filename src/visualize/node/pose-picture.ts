import type { Pose } from '../pose';
import type { PoseStyle } from '../pose-shapes';
import { poseSvg } from '../pose-svg';
import { sharpFor } from './load-sharp';

/** RGB pixels, three bytes each. */
export interface PicturePixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Options of {@link posePicture}. */
export interface PosePictureOptions extends PoseStyle {
  /** File format. SVG keeps the lines sharp at any size, with the photograph embedded as a JPEG. @defaultValue 'png' */
  readonly format?: 'png' | 'svg';
  /** Description for screen readers. */
  readonly title?: string;
}

/**
 * People drawn over their photograph, as the bytes of a PNG or SVG file of the photograph's size.
 *
 * @throws Error with the install command when sharp is missing; RangeError when sizes, scores or edges do not match the keypoints.
 * @example await writeFile('people.png', await posePicture(image, people, { skeleton: COCO }));
 */
export async function posePicture(
  image: PicturePixels,
  people: readonly Pose[],
  { format = 'png', title, ...style }: PosePictureOptions,
): Promise<Uint8Array> {
  const sharp = await sharpFor('posePicture');
  const { width, height, data } = image;
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  const size = [width, height] as const;
  const named = title === undefined ? {} : { title };
  if (format === 'svg') {
    const jpeg = await picture.jpeg({ quality: 90 }).toBuffer();
    const href = `data:image/jpeg;base64,${jpeg.toString('base64')}`;
    return new TextEncoder().encode(poseSvg(people, { ...style, ...named, size, image: href }));
  }
  const lines = Buffer.from(poseSvg(people, { ...style, size }));
  return new Uint8Array(
    await picture
      .composite([{ input: lines, left: 0, top: 0 }])
      .png()
      .toBuffer(),
  );
}
