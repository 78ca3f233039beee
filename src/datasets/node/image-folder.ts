import type { RgbImage } from '../image';
import type { Person } from '../person';
import { decodeImage } from './decode-image';
import { insideFolder } from './inside-folder';

/** Options of {@link imageFolder}. */
export interface ImageFolderOptions {
  /** Number of decoded images to cache; in most files, persons of one image are adjacent. @defaultValue 8 */
  readonly cache?: number;
}

/**
 * Returns a function that reads a person's image from a folder, for `topDown({ readImage })`. It caches the most recently used images
 * decoded; a failed read is not cached.
 *
 * @throws Error (from the returned function) naming the file when it is missing, is not an image, or is outside the folder.
 * @example topDown({ persons, inputSize: [192, 256], readImage: imageFolder('coco/val2017') })
 */
export function imageFolder(
  folder: string,
  { cache = 8 }: ImageFolderOptions = {},
): (person: Pick<Person, 'fileName'>) => Promise<RgbImage> {
  const kept = new Map<string, Promise<RgbImage>>();
  const open = async (fileName: string): Promise<RgbImage> => decodeImage(insideFolder(folder, fileName));
  return ({ fileName }) => {
    const image = kept.get(fileName) ?? open(fileName);
    // Deleting and setting again moves the entry to the end of the map; the first entry is the least recently used.
    kept.delete(fileName);
    kept.set(fileName, image);
    image.catch(() => kept.delete(fileName));
    for (const oldest of kept.keys()) {
      if (kept.size <= cache) break;
      kept.delete(oldest);
    }
    return image;
  };
}
