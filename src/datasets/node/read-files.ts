import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { plainText } from '../../coco';
import { readBoxes, type ImageBoxes, type ReadBoxesOptions } from '../coco/read-boxes';
import { inDataset, readCoco, type ReadCocoOptions } from '../coco/read-coco';
import { readDetections, type ReadDetectionsOptions } from '../coco/read-detections';
import { streamCoco, type StreamCocoOptions } from '../coco/stream-coco';
import { readLsp, type ReadLspOptions } from '../leeds/read-lsp';
import { readMpii } from '../mpii/read-mpii';
import { readMpiiMat, type ReadMpiiMatOptions } from '../mpii/read-mpii-mat';
import type { Person, PoseDataset } from '../person';
import { withFile } from './with-file';

const bytes = (path: string): Promise<Uint8Array> => withFile(path, () => readFile(path));
/** Decompressed where it is gzip, without a byte-order mark. */
const text = async (path: string): Promise<string> => {
  const file = await bytes(path);
  return inDataset(() => plainText(file, path));
};

/**
 * {@link readCoco} on a file, with or without gzip, whole in memory; errors name the path. For files near the size of the heap use
 * `streamCocoFile`.
 *
 * @example const { persons, skipped, keypointSet } = await readCocoFile('person_keypoints_val2017.json');
 */
export async function readCocoFile(path: string, options: Omit<ReadCocoOptions, 'source'> = {}): Promise<PoseDataset> {
  return readCoco(await bytes(path), { ...options, source: path });
}

/**
 * {@link readMpii} for `.json`, {@link readMpiiMat} for `.mat`; errors name the path.
 *
 * @example const { persons, skipped } = await readMpiiFile('mpii_human_pose_v1_u12_1.mat');
 */
export async function readMpiiFile(
  path: string,
  options: Omit<ReadMpiiMatOptions, 'source'> = {},
): Promise<PoseDataset> {
  return path.endsWith('.mat')
    ? readMpiiMat(await bytes(path), { ...options, source: path })
    : readMpii(await text(path), { source: path });
}

/**
 * {@link readLsp} on a file; errors name the path.
 *
 * @example const { persons } = await readLspFile('lsp_dataset/joints.mat');
 */
export async function readLspFile(path: string, options: Omit<ReadLspOptions, 'source'> = {}): Promise<PoseDataset> {
  return readLsp(await bytes(path), { ...options, source: path });
}

/**
 * {@link readDetections} on a file; errors name the path.
 *
 * @example await readDetectionsFile('COCO_val2017_detections_AP_H_56_person.json');
 */
export async function readDetectionsFile(
  path: string,
  options: Omit<ReadDetectionsOptions, 'source'> = {},
): Promise<ReturnType<typeof readDetections>> {
  return readDetections(await text(path), { ...options, source: path });
}

/**
 * {@link readBoxes} on a file, with or without gzip; errors name the path. `annotations` is a path too.
 *
 * @example await readBoxesFile('detections.json', { annotations: 'val.json' });
 */
export async function readBoxesFile(
  path: string,
  {
    annotations,
    ...options
  }: Omit<ReadBoxesOptions, 'source' | 'annotations'> & { readonly annotations?: string } = {},
): Promise<readonly ImageBoxes[]> {
  const images = annotations === undefined ? {} : { annotations: await bytes(annotations) };
  return readBoxes(await bytes(path), { ...options, ...images, source: path });
}

/**
 * {@link streamCoco} on a file: persons one by one, for files near the size of the heap or beyond.
 *
 * @param path of the annotation file
 * @example for await (const person of streamCocoFile('person_keypoints_train2017.json')) …
 */
export function streamCocoFile(
  path: string,
  options: Omit<StreamCocoOptions, 'source'> = {},
): AsyncGenerator<Person, void> {
  return streamCoco(() => chunksOf(path), { ...options, source: path });
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void> {
  const chunks: AsyncIterator<Uint8Array> = createReadStream(path, { highWaterMark: 2 ** 20 })[Symbol.asyncIterator]();
  try {
    for (
      let next = await withFile(path, () => chunks.next());
      !next.done;
      next = await withFile(path, () => chunks.next())
    ) {
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
