import type { JsonObject } from '../fields';
import type { Check } from './finding';

type Report = (check: Check, severity: number, message: string, place: { id?: number; fileName?: string }) => void;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** How far outside the box a keypoint still belongs to it, as a share of the box's side: annotators' boxes are tight. */
const MARGIN = 0.15;
/** Share of the keypoints that must be in the box: boxes of somebody half hidden hold those that are seen. */
const INSIDE = 0.4;

/** What one record says of itself that cannot be: id 0, another count of keypoints than it has, a box that misses them. */
export function checkRecord(
  record: JsonObject,
  triplets: readonly number[],
  hasBox: boolean,
  place: { id?: number; fileName?: string },
  report: Report,
): void {
  const { id, num_keypoints: said, bbox } = record;
  if (id === 0) report('id-zero', 1, 'the id must not be 0, which to pycocotools means that a prediction met nobody.', place); // prettier-ignore
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
    report('box-misses', 1, `${labelled.length - inside.length} of ${labelled.length} labelled keypoints lie outside the box [${(bbox as number[]).map((value) => Math.round(value)).join(', ')}].`, place); // prettier-ignore
}

/** Annotations that are there twice: the same keypoints, or without any the same box, in the same image. */
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

/** Each later record that equals an earlier one, with that. */
export function twinsOf(records: readonly JsonObject[]): Map<JsonObject, JsonObject> {
  const seen = new Map<string, JsonObject>();
  const twins = new Map<JsonObject, JsonObject>();
  for (const record of records) {
    const { image_id: image, keypoints, bbox } = record;
    const labelled = Array.isArray(keypoints) && keypoints.every(isNumber) ? labelledOf(keypoints as number[]).length : 0; // prettier-ignore
    if (labelled < 2) continue; // without keypoints, a box may well be there twice: somebody before somebody
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
