import { boundedText, shown } from '../bytes';
import { COCO, CROWDPOSE, keypointSetFromCoco, type KeypointSet } from '../keypoints';
import { failField, readObject, type RecordPlace } from './fields';

/** CrowdPose's names of keypoints in its files, and ours. */
const CALLED: Readonly<Record<string, string>> = { head: 'head_top', top_head: 'head_top' };

/** Maximum number of keypoints of a set; a whole body has 133. */
const MOST = 1024;

/**
 * The keypoint set of a category in COCO annotations. COCO's own names give {@link COCO}, CrowdPose's give {@link CROWDPOSE}, with their sigmas and
 * skeletons; other sets have sigmas of 0.05, since such files contain none.
 *
 * Two deviations of published files are accepted: a skeleton numbered from 0 (ATRW), which contains a 0; and CrowdPose's names with COCO's skeleton of 17 keypoints, which
 * the skeleton of {@link CROWDPOSE} replaces.
 *
 * @throws TypeError or RangeError when names are not strings or repeat, or the skeleton contains an entry that is not a pair.
 * @example categoryKeypointSet(json.categories[0], { source: 'train.json', list: 'categories', index: 0 })
 */
export function categoryKeypointSet(category: unknown, place: RecordPlace): KeypointSet {
  const record = readObject(category, place);
  const given: unknown = record['keypoints'];
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST)
    failField(place, 'keypoints', `be 1 to ${MOST} names`, given);
  const names = (given as unknown[]).map((name, k) => {
    if (typeof name !== 'string' || name === '') failField(place, `keypoints[${k}]`, 'be a non-empty string', name);
    return name as string;
  });
  const known = [COCO, CROWDPOSE].find((set) =>
    sameNames(
      set.names,
      names.map((name) => CALLED[name] ?? name),
    ),
  );
  if (known) return known;
  const { name } = record;
  if (typeof name !== 'string' || name === '') failField(place, 'name', 'be a non-empty string', name);
  try {
    return keypointSetFromCoco({ name: name as string, keypoints: names, skeleton: skeletonOf(record, names.length, place) }); // prettier-ignore
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith(place.source) ? error : new RangeError(`${place.source}: ${place.list}[${place.index}] ${boundedText(message.replace(/^\w+(\([^)]*\))?: /, ''))}`, { cause: error }); // prettier-ignore
  }
}

/** Pairs numbered from 1, whichever way the file numbers them. */
function skeletonOf(record: Readonly<Record<string, unknown>>, count: number, place: RecordPlace): [number, number][] {
  const given = record['skeleton'] ?? [];
  if (!Array.isArray(given)) failField(place, 'skeleton', 'be an array of pairs', given);
  const pairs = given as [number, number][];
  const first = pairs.some((pair) => Array.isArray(pair) && pair.includes(0)) ? 0 : 1;
  return pairs.map((pair, i): [number, number] => {
    const isEnd = (end: number): boolean => Number.isSafeInteger(end) && end >= first && end < count + first;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(isEnd))
      failField(place, `skeleton[${i}]`, `hold two keypoints, from ${first} to ${count + first - 1}`, shown(pair));
    return [pair[0] - first + 1, pair[1] - first + 1];
  });
}

/**
 * Whether two lists hold the same names in the same order.
 *
 * @internal
 */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, k) => name === b[k]);
}
