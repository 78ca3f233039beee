import { holdOut, syntheticPeople, writeCoco, type CocoFile, type PoseDataset, type TopDownOptions } from '../datasets';
import { imageFolder, readPeopleFiles, type PoseFileFormat, type ReadPeople } from '../datasets/node';
import type { KeypointSet } from '../keypoints';
import { loadSharp } from '../visualize/node';
import type { Terminal } from './command';
import type { TrainOptions } from './train-options';

/** People and how their images are read, as `topDown` takes them. */
export interface People extends Pick<TopDownOptions, 'persons' | 'readImage'> {
  /** The folder of the images if they are files, for `topDownLoader`. */
  readonly folder?: string;
}

/** The part of them that `topDown` takes. */
export const peopleOf = ({ persons, readImage }: People): Omit<People, 'folder'> => ({ persons, readImage });

export interface TrainData {
  readonly training: People;
  readonly heldOut: People;
  /** The people held out, for AP. */
  readonly annotations: CocoFile;
  readonly keypointSet: KeypointSet;
  /** The format of the first file; absent for synthetic people. */
  readonly format?: PoseFileFormat;
}

/** Reads the annotations or draws synthetic people, and divides them. Needs no engine. */
export async function trainData(options: TrainOptions, io: Terminal): Promise<TrainData> {
  const { files, validation, split } = options;
  if (files.length === 0) {
    const { readImage, ...dataset } = syntheticPeople({ seed: options.seed, count: options.people });
    io.warn(`${options.people} synthetic people.`);
    const { training, heldOut } = divided(dataset, 'Give more --people.');
    return dataOf(training, { readImage }, heldOut, { readImage }, options);
  }
  await loadSharp('train');
  const read = await readPeopleFiles(files, { split });
  told(read, io);
  const { format } = read.files[0]!;
  if (validation === undefined) {
    const { training, heldOut } = split ? read : divided(read.training, 'Give --validation, the annotations to validate on.'); // prettier-ignore
    if (heldOut.persons.length === 0)
      throw new Error('train: --split needs a data set with a test set. Received: training sets only. Add a data set that has one, or give --validation.'); // prettier-ignore
    return dataOf(training, inFolder(read.folder), heldOut, inFolder(read.folder), options, format);
  }
  const other = await readPeopleFiles([validation]);
  told(other, io);
  const { keypointSet } = read.training;
  if (String(other.training.keypointSet.names) !== String(keypointSet.names)) {
    throw new Error(
      `train: --validation must have the same keypoints as --annotations, ${keypointSet.names}. Received: ${other.training.keypointSet.names}.`,
    );
  }
  return dataOf(read.training, inFolder(read.folder), other.training, inFolder(other.folder), options, format);
}

const inFolder = (folder: string): Omit<People, 'persons'> => ({ readImage: imageFolder(folder), folder });

function dataOf(
  training: PoseDataset,
  images: Omit<People, 'persons'>,
  heldOut: PoseDataset,
  heldOutImages: Omit<People, 'persons'>,
  { limit }: TrainOptions,
  format?: PoseFileFormat,
): TrainData {
  const { keypointSet } = training;
  return {
    training: { persons: training.persons.slice(0, limit), ...images },
    heldOut: { persons: heldOut.persons, ...heldOutImages },
    annotations: writeCoco({ persons: heldOut.persons, keypointSet }),
    keypointSet,
    ...(format && { format }),
  };
}

function told({ files }: ReadPeople, io: Terminal): void {
  for (const { path, persons, skipped, missing } of files) {
    const left = skipped.length > 0 ? `, skipped: ${reasons(skipped)}` : '';
    const without = missing.length > 0 ? `; it does not have ${missing.join(', ')}` : '';
    io.warn(`${path}: ${persons} persons${left}${without}.`);
  }
}

/** Every tenth image is held out, or the last if there are fewer. */
function divided(dataset: PoseDataset, remedy: string): ReturnType<typeof holdOut> {
  const images = new Set(dataset.persons.map(({ imageId }) => imageId)).size;
  if (images < 2) throw new Error(`train: there must be at least two images. Received: ${images}. ${remedy}`);
  return holdOut(dataset);
}

function reasons(skipped: PoseDataset['skipped']): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
}
