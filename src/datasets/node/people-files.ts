import { stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import type { KeypointSet } from '../../keypoints';
import { convertDataset } from '../convert-dataset';
import { DatasetError } from '../fields';
import { usualSplit } from '../hold-out';
import { joinDatasets } from '../join-datasets';
import type { PoseDataset } from '../person';
import { readPoseFile, type PoseFileFormat } from './pose-file';

/** Annotations and the folder of their images. */
export interface PeopleFiles {
  readonly annotations: string;
  readonly images: string;
  /** Format of the annotations. @defaultValue detected from the file */
  readonly format?: PoseFileFormat;
}

/** Options of {@link readPeopleFiles}. */
export interface ReadPeopleFilesOptions {
  /** Keypoint set of the result. @defaultValue that of the first file */
  readonly keypointSet?: KeypointSet;
  /** Divides each by its usual split. @defaultValue no one is held out */
  readonly split?: boolean;
}

/** The people of several files, in one folder. */
export interface ReadPeople {
  readonly training: PoseDataset;
  /** The held-out people of the usual splits; empty without `split`. */
  readonly heldOut: PoseDataset;
  /** The common folder of all images: file names are relative to it. */
  readonly folder: string;
  /** The contents of each file, in the given order. */
  readonly files: readonly {
    readonly path: string;
    readonly format: PoseFileFormat;
    readonly persons: number;
    readonly skipped: PoseDataset['skipped'];
    /** Keypoints of the joined set that this file lacks; its people do not train them. */
    readonly missing: readonly string[];
  }[];
}

/**
 * Reads one or several data sets for training: COCO, MPII and LSP in any combination, converted by name to the keypoints of the first, relative to one folder that
 * contains all images.
 *
 * @param pairs annotation files with the folders of their images
 * @throws DatasetError naming the file or folder that cannot be read, a file without people, or a file without any keypoint name in common.
 * @example
 * const { training, folder } = await readPeopleFiles([
 *   { annotations: 'lsp/joints.mat', images: 'lsp/images' },
 *   { annotations: 'lspet/joints.mat', images: 'lspet/images' },
 * ]);
 */
export async function readPeopleFiles(
  pairs: readonly PeopleFiles[],
  { keypointSet, split = false }: ReadPeopleFilesOptions = {},
): Promise<ReadPeople> {
  if (pairs.length === 0) throw new DatasetError('readPeopleFiles: there must be at least one file. Received: none.');
  for (const { images } of pairs) await mustBeFolder(images);
  const read: { dataset: PoseDataset; format: PoseFileFormat }[] = [];
  for (const { annotations, format } of pairs) {
    const { format: told, ...dataset } = await readPoseFile(annotations, format === undefined ? {} : { format });
    if (dataset.persons.length === 0)
      throw new DatasetError(`${annotations}: must hold a person with keypoints. Received: none, ${dataset.skipped.length} left out.`); // prettier-ignore
    read.push({ dataset, format: told });
  }
  const set = keypointSet ?? read[0]!.dataset.keypointSet;
  const divided = read.map(({ dataset }) => (split ? usualSplit(dataset) : { training: dataset, heldOut: { ...dataset, persons: [], skipped: [] } })); // prettier-ignore
  const folder = commonFolder(pairs.map(({ images }) => resolve(images)));
  const whole = (part: 'training' | 'heldOut'): PoseDataset => {
    const parts = divided.map((each, i) => ({
      dataset: convertDataset(each[part], set),
      folder: relative(folder, resolve(pairs[i]!.images)).split(sep).join('/'),
    }));
    return parts.length === 1 ? parts[0]!.dataset : joinDatasets(parts); // a single one keeps its ids
  };
  return {
    training: whole('training'),
    heldOut: whole('heldOut'),
    folder,
    files: read.map(({ dataset, format }, i) => ({
      path: pairs[i]!.annotations,
      format,
      persons: dataset.persons.length,
      skipped: dataset.skipped,
      missing: set.names.filter((name) => !dataset.keypointSet.names.includes(name)),
    })),
  };
}

async function mustBeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory())
    throw new DatasetError(`${path}: must be the folder of the images. Received: ${found ? 'a file' : 'a path that does not exist'}.`); // prettier-ignore
}

function commonFolder(folders: readonly string[]): string {
  let [common] = folders as [string];
  const holds = (folder: string): boolean => folder === common || folder.startsWith(common.endsWith(sep) ? common : `${common}${sep}`); // prettier-ignore
  while (!folders.every(holds)) common = dirname(common);
  return common;
}
