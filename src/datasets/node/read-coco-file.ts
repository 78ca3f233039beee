import { readFile } from 'node:fs/promises';
import { readCoco, type ReadCocoOptions } from '../coco/read-coco';
import type { PoseDataset } from '../person';
import { withFile } from './with-file';

/**
 * {@link readCoco} on a file, whole in memory; errors name the path. For files near the size of the heap there is
 * `streamCocoFile`.
 *
 * @example const { persons, skipped, keypointSet } = await readCocoFile('person_keypoints_val2017.json');
 */
export async function readCocoFile(path: string, options: Omit<ReadCocoOptions, 'source'> = {}): Promise<PoseDataset> {
  return readCoco(await withFile(path, () => readFile(path, 'utf8')), { ...options, source: path });
}
