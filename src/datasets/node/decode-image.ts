import { readFile } from 'node:fs/promises';
import { rgbImage, type RgbImage } from '../image';
import { sharpOf } from './load-sharp';

/**
 * Decodes JPEG, PNG, WebP, TIFF, GIF or AVIF to 8-bit sRGB; transparency is drawn on black. An EXIF orientation is not
 * applied, because annotations (such as COCO's) refer to the pixels as stored. An embedded colour
 * profile is ignored, as in OpenCV and PIL, so the values are those that the published weights were trained on.
 *
 * @param file a path, or the bytes of a file, which errors call `name`.
 * @throws Error naming the file when it is missing or not an image, or when sharp is not installed.
 * @example const image = await decodeImage('000000000785.jpg'); // { width: 640, height: 425, data }
 */
export async function decodeImage(
  file: string | Uint8Array,
  { name = typeof file === 'string' ? file : `image of ${file.length} bytes` }: { readonly name?: string } = {},
): Promise<RgbImage> {
  const decoder = await sharpOf('decodeImage');
  try {
    const bytes = typeof file === 'string' ? await readFile(file) : file;
    const { data, info } = await decoder(bytes, { failOn: 'error', ignoreIcc: true })
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return rgbImage({ width: info.width, height: info.height, data });
  } catch (error) {
    throw new Error(`${name}: must be a readable image. Received: ${(error as Error).message}`, { cause: error });
  }
}
