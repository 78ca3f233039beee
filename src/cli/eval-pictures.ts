import { readFile } from 'node:fs/promises';
import { decodeImage, insideFolder } from '../datasets/node';
import type { EvaluationReportOptions } from '../metrics';
import { loadSharp } from '../visualize/node';
import type sharpType from 'sharp';

type Picture = NonNullable<EvaluationReportOptions['picture']>;

/** The longest side of a picture in the report, pixels. */
const MOST = 480;

/**
 * Pictures of the report from their folder, as JPEG. One that cannot be read is named, and its people are drawn on grey.
 *
 * @param missing receives the reason.
 */
export function picturesFrom(
  folder: string,
  names: ReadonlyMap<number, string>,
  missing: (reason: string) => void,
): Picture {
  return async (imageId) => {
    const name = names.get(imageId);
    if (name === undefined) return undefined;
    try {
      const bytes = await readFile(insideFolder(folder, name));
      const { width, height, data } = await decodeImage(new Uint8Array(bytes), { name });
      const sharp = (await loadSharp('eval')) as typeof sharpType;
      return {
        size: [width, height],
        part: async ([left, top, wide, high]) => {
          const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
            .extract({ left, top, width: wide, height: high })
            .resize({ width: MOST, height: MOST, fit: 'inside', withoutEnlargement: true })
            .jpeg({ quality: 80 })
            .toBuffer();
          return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
        },
      };
    } catch (error) {
      missing((error as Error).message);
      return undefined;
    }
  };
}
