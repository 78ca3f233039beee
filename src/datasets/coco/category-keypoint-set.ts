import { COCO, keypointSetFromCoco, type KeypointSet } from '../../keypoints';
import { arrayAt, DatasetError, invalid, objectAt, stringAt } from '../fields';

/**
 * {@link keypointSetFromCoco} for a record of a file, not looked at yet. COCO's own names give {@link COCO} with its sigmas;
 * other sets get 0.05, as no sigmas are stored in such files.
 *
 * @throws DatasetError when names repeat or the skeleton refers to keypoints that do not exist.
 * @example categoryKeypointSet(json.categories[0], 'train.json: categories[0]')
 */
export function categoryKeypointSet(category: unknown, where: string): KeypointSet {
  const record = objectAt(category, where);
  const names = arrayAt(record.keypoints, `${where}.keypoints`).map((name, k) => {
    if (typeof name !== 'string' || name === '') {
      throw invalid(`${where}.keypoints[${k}]`, 'must be a non-empty string', name);
    }
    return name;
  });
  if (sameNames(names, COCO.names)) return COCO;
  const skeleton = record.skeleton === undefined ? [] : arrayAt(record.skeleton, `${where}.skeleton`);
  const edges = skeleton.map((pair, i) => {
    const ends = arrayAt(pair, `${where}.skeleton[${i}]`) as [number, number];
    if (ends.length !== 2 || ends.some((index) => names[index - 1] === undefined)) {
      throw invalid(`${where}.skeleton[${i}]`, `must hold two keypoints, from 1 to ${names.length}`, pair);
    }
    return ends;
  });
  try {
    return keypointSetFromCoco({ name: stringAt(record, 'name', where), keypoints: names, skeleton: edges });
  } catch (error) {
    throw error instanceof DatasetError ? error : new DatasetError(`${where}: ${(error as Error).message}`);
  }
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, k) => name === b[k]);
}
