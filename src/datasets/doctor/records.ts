import type { JsonObject } from '../fields';
import type { Check } from './finding';

type Report = (check: Check, severity: number, message: string, place: { id?: number; fileName?: string }) => void;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Tolerance around the box within which a keypoint belongs to it, as a fraction of the box's side, since annotators' boxes are tight. */
const MARGIN = 0.15;
/** Minimum fraction of the keypoints that must be in the box: the box of a partly hidden person contains only the visible ones. */
const INSIDE = 0.4;

/** Checks one record for contradictions: id 0, a wrong count of keypoints, a box that misses them. */
export function checkRecord(
  record: JsonObject,
  triplets: readonly number[],
  hasBox: boolean,
  place: { id?: number; fileName?: string },
  report: Report,
): void {
  const { id, num_keypoints: said, bbox } = record;
  if (id === 0) report('id-zero', 1, 'the id must not be 0, which pycocotools treats as unmatched.', place); // prettier-ignore
  const labelled = labelledOf(triplets);
  if (said !== undefined && said !== labelled.length)
    report('num-keypoints', 0.5, `num_keypoints must be ${labelled.length}, the labelled ones. Received: ${String(said)}.`, place); // prettier-ignore
  if (!hasBox || labelled.length < 2) return;
  const [x, y, width, height] = bbox as [number, number, number, number];
  const [aside, above] = [MARGIN * width, MARGIN * height];
  const inside = labelled.filter((k) => {
    const [u, v] = [triplets[3 * k]!, triplets[3 * k + 1]!];
    return u >= x - aside && v >= y - above && u <= x + width + aside && v <= y + height + above;
  });
  if (inside.length < INSIDE * labelled.length)
    report('box-misses', 1, `${labelled.length - inside.length} of ${labelled.length} labelled keypoints are outside the box [${(bbox as number[]).map((value) => Math.round(value)).join(', ')}].`, place); // prettier-ignore
}

/** Reports duplicate annotations: the same keypoints, or without keypoints the same box, in the same image. */
export function checkTwins(
  records: readonly JsonObject[],
  placeOf: (record: JsonObject) => { id?: number; fileName?: string },
  report: Report,
): void {
  // prettier-ignore
  for (const [record, first] of twinsOf(records)) {
    report('twice', 1, `the same as annotation ${String(first.id)} of this image.`, placeOf(record));
  }
}

/** Each later record that equals an earlier one, with the earlier one. */
export function twinsOf(records: readonly JsonObject[]): Map<JsonObject, JsonObject> {
  const seen = new Map<string, JsonObject>();
  const twins = new Map<JsonObject, JsonObject>();
  for (const record of records) {
    const { image_id: image, keypoints, bbox } = record;
    const labelled = Array.isArray(keypoints) && keypoints.every(isNumber) ? labelledOf(keypoints as number[]).length : 0; // prettier-ignore
    if (labelled < 2) continue; // without keypoints, equal boxes may be two people, one in front of the other
    const key = JSON.stringify([image, keypoints, bbox]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, record);
    else twins.set(record, first);
  }
  return twins;
}

export function labelledOf(triplets: readonly number[]): number[] {
  return Array.from({ length: triplets.length / 3 }, (_, k) => k).filter((k) => triplets[3 * k + 2]! > 0);
}
