import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '../../datasets';
import { uprightImage } from './upright-image';

/** A picture of a folder. */
export interface ImageFile {
  readonly path: string;
  readonly image: RgbImage;
}

const IMAGES = /\.(jpe?g|png|webp|tiff?|gif|avif)$/i;

/**
 * The images of files and folders, decoded one at a time and rotated according to their EXIF data. A folder gives its images by name, without
 * those of subfolders.
 *
 * @param paths a file or a directory, or several.
 * @throws Error naming the file that is missing or not an image, or when sharp is not installed; RangeError for a folder without images.
 * @example
 * for await (const { path, image } of imageFiles('photographs')) {
 *   console.log(path, await estimator.estimate(image, [[0, 0, image.width, image.height]]));
 * }
 */
export async function* imageFiles(paths: string | readonly string[]): AsyncGenerator<ImageFile, void, void> {
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    for (const file of await filesOf(path)) yield { path: file, image: await uprightImage(file) };
  }
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`imageFiles: the file or folder must exist. Received: ${path}.`, { cause });
  });
  if (!found.isDirectory()) return [path];
  const files = (await readdir(path)).filter((name) => IMAGES.test(name)).sort();
  if (files.length === 0) {
    throw new RangeError(
      `imageFiles: the folder must hold JPEG, PNG, WebP, TIFF, GIF or AVIF files. Received: ${path}, with none.`,
    );
  }
  return files.map((name) => join(path, name));
}
