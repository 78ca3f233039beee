import { failField, readFinite, readFlag, readId, readNumbers, readObject, type RecordPlace } from './fields';

/** The checked fields of a person record; an absent area is NaN. */
export interface PersonRecord {
  readonly id: number;
  readonly image: number;
  readonly category: number;
  readonly crowd: boolean;
  /** `[x, y, v, …]`; absent where the record has no keypoints. */
  readonly keypoints: ArrayLike<number> | undefined;
  /** Number of labelled keypoints as the record states it; otherwise counted. */
  readonly labelled: number;
  /** `[x, y, width, height]`. */
  readonly box: ArrayLike<number>;
  readonly area: number;
}

/** Describes `length` keypoint numbers in error messages. */
export const triplets = (length: number): string => `x, y and v of ${length / 3} keypoints`;

/**
 * Checks a person record of COCO annotations, for training, evaluation and the doctor. `id`, `image_id` and `bbox` are required; `keypoints`, `area`,
 * `num_keypoints`, `iscrowd` and `category_id`, which some published data sets omit, are optional.
 *
 * @param width length of its keypoints, 3·K; without it, any multiple of 3
 * @throws TypeError or RangeError naming the source, the record and the field.
 * @example readPersonRecord(json.annotations[0], { source: 'train.json', list: 'annotations', index: 0 }).keypoints
 */
export function readPersonRecord(record: unknown, place: RecordPlace, width?: number): PersonRecord {
  const fields = readObject(record, place);
  const id = readId(fields['id'], place, 'id');
  const image = readId(fields['image_id'], place, 'image_id');
  const category = fields['category_id'] === undefined ? 1 : readId(fields['category_id'], place, 'category_id');
  const given = fields['keypoints'];
  const length = width ?? 3 * Math.floor(((given as ArrayLike<number> | undefined)?.length ?? 0) / 3);
  const keypoints = given === undefined || given === null ? undefined : readNumbers(given, place, 'keypoints', length, triplets(length)); // prettier-ignore
  const labelled = fields['num_keypoints'] === undefined ? labelledOf(keypoints) : readFinite(fields['num_keypoints'], place, 'num_keypoints'); // prettier-ignore
  const area = fields['area'] === undefined || fields['area'] === null ? NaN : readFinite(fields['area'], place, 'area'); // prettier-ignore
  if (area < 0) failField(place, 'area', 'be at least 0', area);
  const box = readNumbers(fields['bbox'], place, 'bbox', 4, 'x, y, width, height');
  const crowd = fields['iscrowd'] === undefined ? false : readFlag(fields['iscrowd'], place, 'iscrowd');
  return { id, image, category, crowd, keypoints, labelled, box, area };
}

function labelledOf(keypoints: ArrayLike<number> | undefined): number {
  let count = 0;
  if (keypoints) for (let i = 2; i < keypoints.length; i += 3) if (keypoints[i]! > 0) count++;
  return count;
}
