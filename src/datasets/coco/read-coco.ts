import { knownOptions } from '../../bytes';
import {
  categoryKeypointSet,
  describe,
  failField,
  plainText,
  readFinite,
  readId,
  readObject,
  readPersonRecord,
  sameNames,
  triplets,
  type CocoFile,
  type PersonRecord,
  type RecordPlace,
} from '../../coco';
import { COCO, keypointsOf, type Box, type Keypoints, type KeypointSet, type Size } from '../../keypoints';
import { cleanBox } from '../../geometry';
import { shownNames } from '../../bytes';
import { DatasetError, objectAt, parseJson } from '../fields';
import type { Person, PoseDataset, Skip, SkipReason } from '../person';

/** Options of {@link readCoco}. */
export interface ReadCocoOptions {
  /** The expected set; names in the file, where it has any, must equal its names. @defaultValue the set that the file's categories describe */
  readonly keypointSet?: KeypointSet;
  /** Name of the file in errors. @defaultValue `'annotations'` */
  readonly source?: string;
}

/**
 * Reads COCO keypoint annotations (cocodataset.org/#format-data).
 *
 * Boxes are cleaned as the reference loaders do (`cleanBox`). Skipped, and reported in `skipped`: crowds, annotations
 * without a labelled keypoint, of a category without keypoints or with an area of 0, and boxes of which at most a line of
 * pixels lies inside the image.
 *
 * Deviations of published data sets are accepted: records may lack `area` (CrowdPose, AIC, PoseTrack18, JHMDB; it becomes 0.53 times the box's area, as in xtcocotools),
 * `num_keypoints`, `iscrowd` and the size of the image; records may have COCO's keypoints where the category names further ones after them (Human-Art); the file may be
 * compressed by gzip and start with a byte-order mark.
 *
 * @param json the parsed file, its text, or its bytes.
 * @throws DatasetError naming the file, the record and the field when a value is missing, has the wrong type, or refers to an
 *   image, category or keypoint that does not exist.
 * @example
 * const { persons, skipped } = readCoco(await (await fetch('person_keypoints_val2017.json')).text());
 */
export function readCoco(json: CocoFile | object | string | Uint8Array, options: ReadCocoOptions = {}): PoseDataset {
  knownOptions('readCoco', options, ['keypointSet', 'source']);
  const source = options.source ?? 'annotations';
  const file = objectAt(parsed(json, source), source);
  const builder = cocoBuilder({ ...options, source });
  const list = (name: string): readonly unknown[] => {
    const value = file[name];
    if (!Array.isArray(value)) throw new DatasetError(`${source}: ${name} must be an array. Received: ${describe(value)}.`); // prettier-ignore
    return value as readonly unknown[];
  };
  list('categories').forEach(builder.category);
  list('images').forEach(builder.image);
  const persons: Person[] = [];
  const skipped: Skip[] = [];
  list('annotations').forEach((record, index) => {
    const result = builder.annotation(record, index);
    if ('reason' in result) skipped.push(result);
    else persons.push(result);
  });
  return { keypointSet: builder.keypointSet(), persons, skipped };
}

function parsed(json: unknown, source: string): unknown {
  if (json instanceof Uint8Array)
    return parseJson(
      inDataset(() => plainText(json, source)),
      source,
    );
  return typeof json === 'string' ? parseJson(json, source) : json;
}

/** Converts errors of a file's contents to {@link DatasetError}. */
export function inDataset<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError)
      throw new DatasetError(error.message, { cause: error });
    throw error;
  }
}

/** Adds the records of the three sections one by one; annotations must follow the images and categories. */
export interface CocoBuilder {
  category(record: unknown, index: number): void;
  image(record: unknown, index: number): void;
  annotation(record: unknown, index: number): Person | Skip;
  keypointSet(): KeypointSet;
}

/** Longest side of an image in pixels; beyond it, coordinates have no fractions in single precision. */
const LARGEST_SIDE = 2 ** 20;

export function cocoBuilder({ keypointSet: expected, source = 'annotations' }: ReadCocoOptions): CocoBuilder {
  const images = new Map<number, { readonly fileName: string; readonly size: Size | undefined }>();
  const withKeypoints = new Map<number, boolean>();
  const ids = new Set<number>();
  let set = expected;
  /** Whether a record has been compared with the set. */
  let isSettled = expected !== undefined;

  const category = (value: unknown, place: RecordPlace): void => {
    const record = readObject(value, place);
    const id = readId(record['id'], place, 'id');
    if (withKeypoints.has(id)) failField(place, 'id', 'be unique', id);
    const has = Array.isArray(record['keypoints']) && record['keypoints'].length > 0;
    withKeypoints.set(id, has || expected !== undefined);
    if (!has) return;
    const described = categoryKeypointSet(record, place);
    // A record may have only the first keypoints of its category, so a given set may be those.
    if (set !== undefined && !sameNames(described.names.slice(0, set.names.length), set.names)) {
      const must = `be those of keypoint set "${set.name}" (${set.names.join(', ')})`;
      failField(place, 'keypoints', must, described.names);
    }
    set ??= described;
  };

  const image = (value: unknown, place: RecordPlace): void => {
    const record = readObject(value, place);
    const id = readId(record['id'], place, 'id');
    if (images.has(id)) failField(place, 'id', 'be unique', id);
    const { file_name: fileName, width, height } = record;
    if (typeof fileName !== 'string' || fileName === '') failField(place, 'file_name', 'be a non-empty string', fileName); // prettier-ignore
    const isAbsent = width === undefined && height === undefined;
    const size: Size | undefined = isAbsent ? undefined : [readFinite(width, place, 'width'), readFinite(height, place, 'height')]; // prettier-ignore
    if (size && !size.every((side) => side > 0 && side <= LARGEST_SIDE))
      failField(place, '', `have a width and height from 1 to ${LARGEST_SIDE}`, `${size[0]} × ${size[1]}`);
    images.set(id, { fileName: fileName as string, size });
  };

  /** COCO, where the category names more keypoints than the first record has and COCO's are the first, as Human-Art is published. */
  const settle = ({ keypoints }: PersonRecord): void => {
    if (isSettled || set === undefined) return;
    isSettled = true;
    const { names } = COCO;
    if (keypoints?.length === 3 * names.length && sameNames(set.names.slice(0, names.length), names)) set = COCO;
  };

  const annotation = (value: unknown, place: RecordPlace): Person | Skip => {
    const record = readPersonRecord(value, place);
    const { id } = record;
    if (ids.has(id)) failField(place, 'id', 'be unique', id);
    ids.add(id);
    const of = images.get(record.image);
    if (of === undefined) return failField(place, 'image_id', 'be the id of an image in the file', record.image);
    const labelled = withKeypoints.get(record.category);
    if (labelled === undefined)
      return failField(place, 'category_id', 'be the id of a category in the file', record.category);
    const skip = (reason: SkipReason, detail: string): Skip => ({ reason, id, fileName: of.fileName, detail });
    if (!labelled || set === undefined)
      return skip('no-category-keypoints', `category ${record.category} has no keypoints.`);
    if (record.crowd) return skip('crowd', 'iscrowd is 1.');
    if (record.keypoints === undefined) return skip('no-keypoints', 'the record has no keypoints.');
    settle(record);
    const keypoints = labelledKeypoints(record, set, place);
    if (!keypoints.score.some((v) => v > 0)) return skip('no-keypoints', 'all its keypoints have visibility 0.');
    if (record.area <= 0) return skip('no-area', `area is ${record.area}.`);
    const box = Array.from(record.box) as unknown as Box;
    const clean = of.size ? cleanBox(box, of.size) : box;
    if (clean === undefined || clean[2] <= 0 || clean[3] <= 0) {
      const inside = of.size ? `inside the image of ${of.size.join(' × ')}` : '';
      return skip('box-outside-image', `box [${box}] has no extent ${inside}.`);
    }
    const area = Number.isNaN(record.area) ? 0.53 * box[2] * box[3] : record.area;
    return {
      id,
      imageId: record.image,
      fileName: of.fileName,
      ...(of.size && { imageSize: of.size }),
      box: clean,
      keypoints,
      area,
      iscrowd: false,
    };
  };

  const at = (list: string, index: number): RecordPlace => ({ source, list, index });
  return {
    category: (record, index) => inDataset(() => category(record, at('categories', index))),
    image: (record, index) => inDataset(() => image(record, at('images', index))),
    annotation: (record, index) => inDataset(() => annotation(record, at('annotations', index))),
    keypointSet() {
      if (set === undefined) {
        throw new DatasetError(
          `${source}: categories must name keypoints. Received: ${withKeypoints.size} categories without. Give a keypointSet, or add "keypoints": ["nose", …] to the category.`,
        );
      }
      return set;
    },
  };
}

function labelledKeypoints(record: PersonRecord, { names }: KeypointSet, place: RecordPlace): Keypoints<'image'> {
  const numbers = record.keypoints!;
  const width = 3 * names.length;
  if (numbers.length !== width) failField(place, 'keypoints.length', `be ${width} (${triplets(width)})`, numbers.length); // prettier-ignore
  for (let k = 0; k < names.length; k++) {
    const v = numbers[3 * k + 2]!;
    if (v !== 0 && v !== 1 && v !== 2) failField(place, `keypoints[${3 * k + 2}] (${shownNames([names[k]])})`, 'be a visibility, 0, 1 or 2', v); // prettier-ignore
  }
  return keypointsOf('image', Array.from(numbers));
}
