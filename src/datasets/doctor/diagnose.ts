import { shownNames } from '../../bytes';
import { keypointsOf, type Box, type Keypoints, type KeypointSet } from '../../keypoints';
import { categoryKeypointSet } from '../../coco';
import { received, type JsonObject } from '../fields';
import type { Check, Finding } from './finding';
import { exchangedPairs } from './exchanged';
import { suspectPairs, type Sides } from './left-right';
import { longLimbs } from './limb-lengths';
import { checkRecord, checkTwins } from './records';

/** A person with the information that the file gives, for drawing. */
export interface DiagnosedPerson {
  readonly id: number | undefined;
  readonly fileName: string | undefined;
  readonly box: Box | undefined;
  readonly keypoints: Keypoints<'image'>;
}

/** What {@link diagnose} found. */
export interface Diagnosis {
  readonly persons: readonly DiagnosedPerson[];
  readonly findings: readonly Finding[];
  readonly counts: { readonly images: number; readonly annotations: number; readonly labelled: number };
  /** Undefined when no category names its keypoints. */
  readonly keypointSet: KeypointSet | undefined;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const numbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

/**
 * Checks COCO keypoint JSON for the most costly common mistakes. It continues after each finding and
 * never throws. `doctor` of `poseblocks/datasets/node` checks the images as well.
 *
 * @param json the parsed file.
 * @example const { findings } = diagnose(JSON.parse(text)); // [{ check: 'zero-area', id: 7, message, severity }, …]
 */
export function diagnose(json: unknown): Diagnosis {
  const findings: Finding[] = [];
  const report = (
    check: Check,
    severity: number,
    message: string,
    place: { id?: number; fileName?: string } = {},
  ): void => void findings.push({ check, severity, message, ...place });
  const section = (key: string): readonly JsonObject[] => {
    const value = isObject(json) ? json[key] : undefined;
    if (!Array.isArray(value)) {
      report('malformed', 1, `${key} must be an array. Received: ${received(value)}.`);
      return [];
    }
    return value.filter((record, i): record is JsonObject => {
      if (!isObject(record)) report('malformed', 1, `${key}[${i}] must be an object. Received: ${received(record)}.`);
      return isObject(record);
    });
  };
  const unique = (records: readonly JsonObject[], key: string): void => {
    const seen = new Set<unknown>();
    for (const { id } of records) {
      if (seen.has(id))
        report('duplicate-id', 1, `${key}: id ${received(id)} occurs more than once.`, isNumber(id) ? { id } : {});
      seen.add(id);
    }
  };

  const images = section('images');
  const annotations = section('annotations');
  const set = keypointSetOf(section('categories'), report);
  unique(images, 'images');
  unique(annotations, 'annotations');
  const imageOf = new Map(images.map((image) => [image.id, image]));

  let labelled = 0;
  let seenTwo = false;
  const sides: Sides[] = [];
  const persons: DiagnosedPerson[] = [];
  for (const record of annotations) {
    const image = imageOf.get(record.image_id);
    const place = {
      ...(isNumber(record.id) && { id: record.id }),
      ...(typeof image?.file_name === 'string' && { fileName: image.file_name }),
    };
    if (image === undefined)
      report('unknown-image', 1, `image_id ${received(record.image_id)} is not in images.`, place);
    const { bbox, keypoints, area } = record;
    const hasBox = numbers(bbox) && bbox.length === 4 && bbox[2]! > 0 && bbox[3]! > 0;
    if (record.iscrowd === 1) continue;
    if (!hasBox) report('missing-box', 1, `bbox must be [x, y, width, height]. Received: ${received(bbox)}.`, place);
    if (!isNumber(area) || area <= 0)
      report('zero-area', 1, `area must be positive. Received: ${received(area)}.`, place);
    if (keypoints === undefined || set === undefined) continue;
    if (!numbers(keypoints) || keypoints.length !== 3 * set.names.length) {
      const got = Array.isArray(keypoints) ? `${keypoints.length} values` : received(keypoints);
      report('keypoint-count', 1, `keypoints must hold ${3 * set.names.length} numbers. Received: ${got}.`, place);
      continue;
    }
    checkKeypoints(keypoints, set, image, (check, severity, message) => report(check, severity, message, place));
    checkRecord(record, keypoints, hasBox, place, report);
    const person = keypointsOf('image', keypoints);
    if (person.score.some((v) => v > 0)) labelled++;
    if (person.score.includes(2)) seenTwo = true;
    sides.push({ keypoints: person, size: hasBox ? Math.max(bbox[2]!, bbox[3]!) : Infinity });
    const box = hasBox ? (bbox as unknown as Box) : undefined;
    persons.push({ id: place.id, fileName: place.fileName, box, keypoints: person });
  }
  checkTwins(
    annotations,
    ({ id, image_id: image }) => {
      const fileName = imageOf.get(image)?.file_name;
      return { ...(isNumber(id) && { id }), ...(typeof fileName === 'string' && { fileName }) };
    },
    report,
  );
  if (labelled > 0 && !seenTwo) report('visibility-one', 0, 'no keypoint of the file has visibility 2.');
  if (set !== undefined) {
    for (const { person, pair } of suspectPairs(sides, set)) {
      const [l, r] = set.flipPairs[pair]!;
      const message = `${shownNames([set.names[l]])} and ${shownNames([set.names[r]])} are swapped relative to the person's other pairs.`;
      const { id, fileName } = persons[person]!;
      report('left-right', 0.5, message, {
        ...(id !== undefined && { id }),
        ...(fileName !== undefined && { fileName }),
      });
    }
  }
  if (set !== undefined) {
    const placeOf = (person: number): { id?: number; fileName?: string } => {
      const { id, fileName } = persons[person]!;
      return { ...(id !== undefined && { id }), ...(fileName !== undefined && { fileName }) };
    };
    const measured = sides.map(sized);
    const exchanged = exchangedPairs(measured, set);
    for (const {
      person,
      keypoints: [a, b],
    } of exchanged) {
      report('exchanged', 0.5, `${set.names[a]} and ${set.names[b]} lie as if their labels had been exchanged.`, placeOf(person)); // prettier-ignore
    }
    const known = new Set(exchanged.map(({ person }) => person));
    for (const { person, edge, times, count, measured: of } of longLimbs(measured, set)) {
      if (known.has(person)) continue;
      const [a, b] = set.edges[edge]!;
      const more = count === 1 ? '' : `, and ${count - 1} more too long`;
      const isSize = count > 2 && count > of / 2;
      report('long-limb', 0.5, isSize ? `${count} of ${of} limbs are up to ${times.toFixed(1)} times as long as nearly everybody's, for its size: the box or area is probably too small.` : `${set.names[a]}–${set.names[b]} is ${times.toFixed(1)} times as long as nearly everybody's, for its size${more}.`, placeOf(person)); // prettier-ignore
    }
  }
  const counts = { images: images.length, annotations: annotations.length, labelled };
  return { findings, counts, keypointSet: set, persons };
}

/** Where there is no box, the person's size is that of its keypoints: in one file, they are compared with each other. */
function sized({ keypoints, size }: Sides): Sides {
  if (Number.isFinite(size)) return { keypoints, size };
  const axis = (from: number): number => {
    const values = [...keypoints.score.keys()].filter((k) => keypoints.score[k]! > 0).map((k) => keypoints.xy[2 * k + from]!); // prettier-ignore
    return values.length === 0 ? NaN : Math.max(...values) - Math.min(...values);
  };
  return { keypoints, size: Math.max(axis(0), axis(1)) };
}

type Report = (check: Check, severity: number, message: string) => void;

function keypointSetOf(categories: readonly JsonObject[], report: Report): KeypointSet | undefined {
  const category = categories.find(({ keypoints }) => Array.isArray(keypoints) && keypoints.length > 0);
  if (category === undefined) {
    report('malformed', 1, 'categories: one must name its keypoints.');
    return undefined;
  }
  try {
    const set = categoryKeypointSet(category, {
      source: 'categories',
      list: 'categories',
      index: categories.indexOf(category),
    });
    const paired = new Set(set.flipPairs.flat());
    set.names.forEach((name, k) => {
      if (/left|right/i.test(name) && !paired.has(k)) report('unpaired', 1, `"${name}" has no counterpart by name.`);
    });
    return set;
  } catch (error) {
    report('malformed', 1, (error as Error).message);
    return undefined;
  }
}

function checkKeypoints(
  triplets: readonly number[],
  { names }: KeypointSet,
  image: JsonObject | undefined,
  report: Report,
): void {
  const outside: string[] = [];
  const misused: string[] = [];
  names.forEach((name, k) => {
    const [x, y, v] = [triplets[3 * k]!, triplets[3 * k + 1]!, triplets[3 * k + 2]!];
    const unlabelled = v === 0;
    if (![0, 1, 2].includes(v) || (unlabelled && (x !== 0 || y !== 0)) || (!unlabelled && x === 0 && y === 0)) {
      misused.push(`${name} [${x}, ${y}, ${v}]`);
    }
    const [width, height] = [image?.width, image?.height];
    if (unlabelled || !isNumber(width) || !isNumber(height)) return;
    if (x < -1 || y < -1 || x > width || y > height) outside.push(`${name} [${x}, ${y}]`);
  });
  if (misused.length > 0)
    report('visibility', 0.5, `${misused.length} keypoints misuse visibility: ${misused.slice(0, 3).join(', ')}.`);
  if (outside.length > 0)
    report('outside-image', 1, `${outside.length} labelled keypoints lie outside: ${outside.slice(0, 3).join(', ')}.`);
}
