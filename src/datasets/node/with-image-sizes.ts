import { join } from 'node:path';
import type { Size } from '../../keypoints';
import type { Person, PoseDataset, Skip } from '../person';
import { sharpOf } from './load-sharp';

/** Number of files open at once. */
const TOGETHER = 16;

/**
 * The dataset with each person's `imageSize`, read from the image file. Persons whose image is missing or is not an image move to `skipped`, so this also selects the
 * part of a dataset whose images exist. Only the headers are read.
 *
 * @param folder of the images.
 * @throws Error with the install command when sharp is missing.
 * @example
 * const { persons, skipped } = await withImageSizes(await readLspFile('lspet/joints.mat'), 'lspet/images');
 */
export async function withImageSizes(dataset: PoseDataset, folder: string): Promise<PoseDataset> {
  const sharp = await sharpOf('withImageSizes');
  const files = [...new Set(dataset.persons.map(({ fileName }) => fileName))];
  const found = new Map<string, Size | Error>();
  const sizeOf = async (file: string): Promise<Size | Error> => {
    try {
      const { width, height } = await sharp(join(folder, file)).metadata();
      return [width, height];
    } catch (error) {
      return error as Error;
    }
  };
  for (let from = 0; from < files.length; from += TOGETHER) {
    const some = files.slice(from, from + TOGETHER);
    const sizes = await Promise.all(some.map(sizeOf));
    some.forEach((file, i) => found.set(file, sizes[i]!));
  }
  const persons: Person[] = [];
  const skipped: Skip[] = [...dataset.skipped];
  for (const person of dataset.persons) {
    const { id, fileName } = person;
    const size = found.get(fileName)!;
    if (size instanceof Error) skipped.push({ reason: 'unreadable-image', id, fileName, detail: size.message });
    else persons.push({ ...person, imageSize: size });
  }
  return { ...dataset, persons, skipped };
}
