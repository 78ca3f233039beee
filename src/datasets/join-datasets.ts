import { DatasetError } from './fields';
import type { PoseDataset } from './person';

/** A dataset and the folder of its images, relative to a common folder. */
export interface JoinedPart {
  readonly dataset: PoseDataset;
  /** Prefix of each file name; `''` adds none. @defaultValue `''` */
  readonly folder?: string;
}

/**
 * Joins several datasets for training: persons in the order of the parts, with new ids and image ids, and file names prefixed with the part's
 * folder. The keypoint set is that of the first part.
 *
 * @throws DatasetError when there is no part, or a part's keypoints differ from those of the first: convert them first (`convertDataset`).
 * @example
 * const dataset = joinDatasets([
 *   { dataset: lspSplit(lsp, 'train'), folder: 'lsp/images' },
 *   { dataset: lspet, folder: 'lspet/images' },
 * ]);
 * topDown({ persons: dataset.persons, readImage: imageFolder('data'), codec });
 */
export function joinDatasets(parts: readonly JoinedPart[]): PoseDataset {
  const keypointSet = parts[0]?.dataset.keypointSet;
  if (keypointSet === undefined) throw new DatasetError('joinDatasets: there must be a dataset. Received: none.');
  parts.forEach(({ dataset }, i) => {
    if (String(dataset.keypointSet.names) === String(keypointSet.names)) return;
    throw new DatasetError(
      `joinDatasets: part ${i} must have the keypoints of the first, ${keypointSet.names.join(', ')}. ` +
        `Received: ${dataset.keypointSet.names.join(', ')}. Convert them with convertKeypoints.`,
    );
  });
  const images = new Map<string, number>();
  const imageId = (part: number, id: number): number => {
    const key = `${part}/${id}`;
    if (!images.has(key)) images.set(key, images.size);
    return images.get(key)!;
  };
  const named = (folder: string, fileName: string): string => (folder === '' ? fileName : `${folder}/${fileName}`);
  let next = 0;
  return {
    keypointSet,
    persons: parts.flatMap(({ dataset, folder = '' }, part) =>
      dataset.persons.map((person) => ({
        ...person,
        id: next++,
        imageId: imageId(part, person.imageId),
        fileName: named(folder, person.fileName),
      })),
    ),
    skipped: parts.flatMap(({ dataset, folder = '' }) =>
      dataset.skipped.map((skip) => ({ ...skip, fileName: named(folder, skip.fileName) })),
    ),
  };
}
