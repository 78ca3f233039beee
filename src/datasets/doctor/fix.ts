import { isArray } from '../../coco';
import type { Check } from './finding';
import { labelledOf, twinsOf } from './records';

/** A change by {@link fixCoco}, and the changed annotation or image. */
export interface Change {
  readonly check: Check;
  /** Id of the annotation before the change. */
  readonly id?: number;
  readonly message: string;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Repairs the mistakes in COCO's keypoint JSON that have a single correct fix: annotation id 0 and duplicate ids get new ids, duplicate annotations are removed, `num_keypoints` is
 * recounted, unlabelled keypoints get x = y = 0, and images their files' sizes. Mistakes that only a person can correct, such as boxes or swapped keypoints, remain findings.
 *
 * @param json the parsed file; it is not changed.
 * @param sizes of the image files by name, `[width, height]`, where they were read
 * @returns a repaired copy, and a list of the changes.
 * @example const { json: mended, changes } = fixCoco(JSON.parse(text));
 */
export function fixCoco(
  json: object,
  { sizes }: { readonly sizes?: ReadonlyMap<string, readonly [number, number]> } = {},
): { readonly json: object; readonly changes: readonly Change[] } {
  const changes: Change[] = [];
  const file = structuredClone(json) as Json;
  const list = (key: string): Json[] => (Array.isArray(file[key]) ? (file[key] as unknown[]).filter(isObject) : []);
  for (const image of list('images')) {
    const size = sizes?.get(String(image['file_name']));
    if (size === undefined || (image['width'] === size[0] && image['height'] === size[1])) continue;
    changes.push({ check: 'image-size', message: `${String(image['file_name'])}: ${String(image['width'])} × ${String(image['height'])} became ${size[0]} × ${size[1]}, as the file is.` }); // prettier-ignore
    [image['width'], image['height']] = size;
  }
  const records = list('annotations');
  const twins = twinsOf(records);
  for (const [record, first] of twins) {
    changes.push({
      check: 'twice',
      ...idOf(record),
      message: `removed: the same as annotation ${String(first['id'])}.`,
    });
  }
  const kept = records.filter((record) => !twins.has(record));
  const ids = new Set<unknown>();
  let next = kept.reduce((most, { id }) => (Number.isSafeInteger(id) ? Math.max(most, id as number) : most), 0) + 1;
  for (const record of kept) {
    const { id, keypoints } = record;
    const check = id === 0 ? 'id-zero' : ids.has(id) ? 'duplicate-id' : undefined;
    if (check !== undefined) {
      changes.push({ check, ...idOf(record), message: `id ${String(id)} became ${next}.` });
      record['id'] = next++;
    }
    ids.add(record['id']);
    if (!isArray(keypoints) || keypoints.length % 3 !== 0 || !(keypoints as unknown[]).every((value) => typeof value === 'number')) continue; // prettier-ignore
    const triplets = keypoints as number[];
    let cleared = 0;
    for (let k = 0; k < triplets.length; k += 3) {
      if (triplets[k + 2] !== 0 || (triplets[k] === 0 && triplets[k + 1] === 0)) continue;
      triplets[k] = triplets[k + 1] = 0;
      cleared++;
    }
    if (cleared > 0) changes.push({ check: 'visibility', ...idOf(record), message: `${cleared} unlabelled keypoints got x = y = 0.` }); // prettier-ignore
    const count = labelledOf(triplets).length;
    if (record['num_keypoints'] !== undefined && record['num_keypoints'] !== count) {
      changes.push({ check: 'num-keypoints', ...idOf(record), message: `num_keypoints ${String(record['num_keypoints'])} became ${count}.` }); // prettier-ignore
      record['num_keypoints'] = count;
    }
  }
  if (Array.isArray(file['annotations'])) {
    const gone = new Set<unknown>(twins.keys());
    file['annotations'] = (file['annotations'] as unknown[]).filter((record) => !gone.has(record));
  }
  return { json: file, changes };
}

const idOf = ({ id }: Json): { id?: number } => (Number.isSafeInteger(id) ? { id: id as number } : {});
