import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
};

/**
 * An image file as a `data:` URL, byte for byte, so that an SVG or a report is self-contained.
 *
 * @param path of the image file
 * @throws RangeError when the file's extension is not that of an image format of browsers. Read errors are passed on.
 * @example poseSvg(people, { skeleton: COCO, size, image: await imageFileUrl('photo.jpg') })
 */
export async function imageFileUrl(path: string): Promise<string> {
  const type = TYPES[extname(path).toLowerCase()];
  if (type === undefined) {
    throw new RangeError(`imageFileUrl: the file must be one of ${Object.keys(TYPES).join(', ')}. Received: ${path}.`);
  }
  return `data:${type};base64,${(await readFile(path)).toString('base64')}`;
}
