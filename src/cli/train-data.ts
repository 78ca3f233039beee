import { stat } from 'node:fs/promises';
import {
  syntheticPeople,
  writeCoco,
  type CocoFile,
  type Person,
  type PoseDataset,
  type TopDownOptions,
} from '../datasets';
import { imageFolder, loadSharp, readCocoFile, readLspFile, readMpiiFile } from '../datasets/node';
import type { KeypointSet } from '../keypoints';
import type { Terminal } from './command';
import type { TrainOptions } from './train-options';

/** People and how their images are read: what `topDown` takes. */
export interface People extends Pick<TopDownOptions, 'persons' | 'readImage'> {
  /** Where the images are files, their folder: what `topDownLoader` takes. */
  readonly folder?: string;
}

export interface TrainData {
  readonly training: People;
  readonly heldOut: People;
  /** The people held out, for AP. */
  readonly annotations: CocoFile;
  readonly keypointSet: KeypointSet;
}

const READERS = { coco: readCocoFile, mpii: readMpiiFile, lsp: readLspFile } as const;

/** Reads the annotations or draws synthetic people, and divides them. */
export async function trainData(options: TrainOptions, io: Terminal): Promise<TrainData> {
  const { annotations, images, validation, validationImages } = options;
  const read = async (path: string): Promise<PoseDataset> => {
    const dataset = await READERS[options.format](path);
    const { persons, skipped } = dataset;
    io.warn(`${path}: ${persons.length} persons${skipped.length > 0 ? `, left out: ${reasons(skipped)}` : ''}.`);
    if (persons.length === 0) throw new Error(`train: ${path} must hold a person with keypoints. Received: none.`);
    return dataset;
  };
  if (annotations === undefined || images === undefined) {
    const { readImage, ...dataset } = syntheticPeople({ seed: options.seed, count: options.people });
    io.warn(`${options.people} synthetic people.`);
    return divided(dataset, { readImage }, 'Give more --people.');
  }
  const dataset = await read(annotations);
  for (const folder of new Set([images, validationImages ?? images])) await mustBeReadable(folder);
  if (validation === undefined) {
    return divided(dataset, inFolder(images), 'Give --validation, the annotations to validate on.');
  }
  const other = await read(validation);
  const { keypointSet } = dataset;
  if (String(other.keypointSet.names) !== String(keypointSet.names)) {
    throw new Error(
      `train: --validation must have the keypoints of --annotations, ${keypointSet.names}. Received: ${other.keypointSet.names}.`,
    );
  }
  return {
    training: { persons: dataset.persons, ...inFolder(images) },
    heldOut: { persons: other.persons, ...inFolder(validationImages ?? images) },
    annotations: writeCoco(other),
    keypointSet,
  };
}

const inFolder = (folder: string): Omit<People, 'persons'> => ({ readImage: imageFolder(folder), folder });

/** What is wrong with all images is an error before the first; one that cannot be read is left out later. */
async function mustBeReadable(folder: string): Promise<void> {
  await loadSharp();
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new Error(`train: images must be in a folder that can be read. Received: ${folder}.`);
}

/** Every tenth image is held out, or the last where there are fewer; by image, so that nobody is in both. */
function divided({ persons, keypointSet }: PoseDataset, images: Omit<People, 'persons'>, remedy: string): TrainData {
  const ids = [...new Set(persons.map(({ imageId }) => imageId))];
  if (ids.length < 2) throw new Error(`train: there must be two images or more. Received: ${ids.length}. ${remedy}`);
  const out = new Set(ids.length < 10 ? ids.slice(-1) : ids.filter((_, i) => i % 10 === 9));
  const part = (held: boolean): readonly Person[] => persons.filter(({ imageId }) => out.has(imageId) === held);
  return {
    training: { persons: part(false), ...images },
    heldOut: { persons: part(true), ...images },
    annotations: writeCoco({ persons: part(true), keypointSet }),
    keypointSet,
  };
}

function reasons(skipped: PoseDataset['skipped']): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
}
