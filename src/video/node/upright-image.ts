import { readFile } from 'node:fs/promises';
import type sharpType from 'sharp';
import type { RgbImage } from '../../datasets';
import { loadSharp } from '../../visualize/node';

/** An image file as sRGB, rotated according to its EXIF data. @throws Error naming the file. */
export async function uprightImage(path: string): Promise<RgbImage> {
  const sharp = (await loadSharp('imageFiles')) as typeof sharpType;
  try {
    const { data, info } = await sharp(await readFile(path), { failOn: 'error' })
      .rotate()
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    throw new Error(`imageFiles: ${path} must be a readable image. Received: ${(cause as Error).message}`, { cause });
  }
}
