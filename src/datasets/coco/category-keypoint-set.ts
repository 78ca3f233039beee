import { COCO, keypointSet, type KeypointSet } from '../../keypoints';
import { arrayAt, DatasetError, invalid, objectAt, stringAt } from '../fields';

/**
 * The keypoint set that a COCO `categories` record describes: its names, its skeleton as edges, and as flip pairs the
 * names that differ only in left and right (`left_knee`–`right_knee`, `l-eye`–`r-eye`, `kneeL`–`kneeR`). COCO's own
 * names give {@link COCO} with its sigmas; other sets get 0.05, as no sigmas are stored in such files.
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
    const ends = arrayAt(pair, `${where}.skeleton[${i}]`).map((index) => names[(index as number) - 1]);
    if (ends.length !== 2 || ends.includes(undefined)) {
      throw invalid(`${where}.skeleton[${i}]`, `must hold two keypoints, from 1 to ${names.length}`, pair);
    }
    return ends as [string, string];
  });
  try {
    return keypointSet({ name: stringAt(record, 'name', where), names, edges, flipPairs: flipPairsByName(names) });
  } catch (error) {
    throw error instanceof DatasetError ? error : new DatasetError(`${where}: ${(error as Error).message}`);
  }
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, k) => name === b[k]);
}

const COUNTERPARTS: readonly (readonly [RegExp, string])[] = [
  [/left/, 'right'],
  [/Left/, 'Right'],
  [/LEFT/, 'RIGHT'],
  [/(?<![a-zA-Z])l(?=[-_. ])/, 'r'],
  [/(?<![a-zA-Z])L(?=[-_. ])/, 'R'],
  [/(?<=[-_. ])l$/, 'r'],
  [/(?<=[-_. a-z0-9])L$/, 'R'],
];

/** Pairs of names that differ only in left and right. */
export function flipPairsByName(names: readonly string[]): [string, string][] {
  return names.flatMap((name): [string, string][] => {
    for (const [left, right] of COUNTERPARTS) {
      const other = name.replace(left, right);
      if (other !== name && names.includes(other)) return [[name, other]];
    }
    return [];
  });
}
