import { keypointsOf, type Box, type KeypointSet, type Size } from '../../keypoints';
import {
  arrayAt,
  DatasetError,
  integerAt,
  invalid,
  numberAt,
  numbersAt,
  objectAt,
  parseJson,
  stringAt,
} from '../fields';
import { cleanBox } from '../../geometry';
import type { Person, PoseDataset, Skip, SkipReason } from '../person';
import { categoryKeypointSet, sameNames } from './category-keypoint-set';
import type { CocoFile } from './records';

export interface ReadCocoOptions {
  /** Default: what the file's categories describe. When given, the names in the file must be the same. */
  readonly keypointSet?: KeypointSet;
  /** What errors call the file. Default `'annotations'`. */
  readonly source?: string;
}

/**
 * Reads COCO keypoint annotations (cocodataset.org/#format-data).
 *
 * Boxes are cleaned as the reference loaders do (`cleanBox`). Left out, and reported in `skipped`: crowds, annotations
 * without a labelled keypoint, of a category without keypoints, without area, and boxes of which at most a line of
 * pixels lies inside the image.
 *
 * @param json the parsed file, or its text.
 * @throws DatasetError naming file, record and field when something is missing, of the wrong type, or refers to an
 *   image, category or keypoint that does not exist.
 * @example
 * const { persons, skipped } = readCoco(await (await fetch('person_keypoints_val2017.json')).text());
 */
export function readCoco(json: CocoFile | object | string, options: ReadCocoOptions = {}): PoseDataset {
  const source = options.source ?? 'annotations';
  const file = objectAt(typeof json === 'string' ? parseJson(json, source) : json, source);
  const builder = cocoBuilder({ ...options, source });
  arrayAt(file.categories, `${source}, categories`).forEach(builder.category);
  arrayAt(file.images, `${source}, images`).forEach(builder.image);
  const persons: Person[] = [];
  const skipped: Skip[] = [];
  arrayAt(file.annotations, `${source}, annotations`).forEach((record, index) => {
    const result = builder.annotation(record, index);
    if ('reason' in result) skipped.push(result);
    else persons.push(result);
  });
  return { keypointSet: builder.keypointSet(), persons, skipped };
}

/** Takes the records of the three sections one by one; annotations must come after the images and categories. */
export interface CocoBuilder {
  category(record: unknown, index: number): void;
  image(record: unknown, index: number): void;
  annotation(record: unknown, index: number): Person | Skip;
  keypointSet(): KeypointSet;
}

export function cocoBuilder({ keypointSet: expected, source = 'annotations' }: ReadCocoOptions): CocoBuilder {
  const images = new Map<number, { readonly fileName: string; readonly size: Size }>();
  const withKeypoints = new Map<number, boolean>();
  const ids = new Set<number>();
  let set = expected;

  return {
    category(category, index) {
      const where = `${source}, categories[${index}]`;
      const record = objectAt(category, where);
      const id = integerAt(record, 'id', where);
      if (withKeypoints.has(id)) throw invalid(`${where}.id`, 'must be unique', id);
      const has = Array.isArray(record.keypoints) && record.keypoints.length > 0;
      withKeypoints.set(id, has || expected !== undefined);
      if (!has) return;
      const described = categoryKeypointSet(record, where);
      if (set !== undefined && !sameNames(described.names, set.names)) {
        throw invalid(
          `${where}.keypoints`,
          `must be those of keypoint set "${set.name}" (${set.names.join(', ')})`,
          described.names,
        );
      }
      set ??= described;
    },

    image(image, index) {
      const where = `${source}, images[${index}]`;
      const record = objectAt(image, where);
      const id = integerAt(record, 'id', where);
      if (images.has(id)) throw invalid(`${where}.id`, 'must be unique', id);
      const size: Size = [numberAt(record, 'width', where), numberAt(record, 'height', where)];
      if (!(size[0] > 0 && size[1] > 0)) throw invalid(where, 'width and height must be positive', size);
      images.set(id, { fileName: stringAt(record, 'file_name', where), size });
    },

    annotation(annotation, index) {
      const where = `${source}, annotations[${index}]`;
      const record = objectAt(annotation, where);
      const id = integerAt(record, 'id', where);
      if (ids.has(id)) throw invalid(`${where}.id`, 'must be unique', id);
      ids.add(id);
      const image = images.get(integerAt(record, 'image_id', where));
      if (image === undefined) {
        throw invalid(`${where}.image_id`, 'must be the id of an image in the file', record.image_id);
      }
      const labelled = withKeypoints.get(integerAt(record, 'category_id', where));
      if (labelled === undefined) {
        throw invalid(`${where}.category_id`, 'must be the id of a category in the file', record.category_id);
      }
      const skip = (reason: SkipReason, detail: string): Skip => ({ reason, id, fileName: image.fileName, detail });
      if (!labelled || set === undefined) {
        return skip('no-category-keypoints', `category ${String(record.category_id)} has no keypoints.`);
      }
      if (record.iscrowd === 1 || record.iscrowd === true) return skip('crowd', 'iscrowd is 1.');
      if (record.keypoints === undefined) return skip('no-keypoints', 'the record has no keypoints.');

      const triplets = numbersAt(record, 'keypoints', where, 3 * set.names.length);
      for (let k = 0; k < set.names.length; k++) {
        const v = triplets[3 * k + 2]!;
        if (v !== 0 && v !== 1 && v !== 2) {
          throw invalid(`${where}.keypoints[${3 * k + 2}] (${set.names[k]})`, 'visibility must be 0, 1 or 2', v);
        }
      }
      const keypoints = keypointsOf('image', triplets);
      if (!keypoints.score.some((v) => v > 0)) return skip('no-keypoints', 'all its keypoints have visibility 0.');

      const box = numbersAt(record, 'bbox', where, 4) as unknown as Box;
      const area = numberAt(record, 'area', where);
      if (area <= 0) return skip('no-area', `area is ${area}.`);
      const clean = cleanBox(box, image.size);
      if (clean === undefined || clean[2] === 0 || clean[3] === 0) {
        return skip('box-outside-image', `box [${box}] has no extent inside the image of ${image.size.join(' × ')}.`);
      }
      return {
        id,
        imageId: record.image_id as number,
        fileName: image.fileName,
        imageSize: image.size,
        box: clean,
        keypoints,
        area,
        iscrowd: false,
      };
    },

    keypointSet() {
      if (set === undefined) {
        throw new DatasetError(
          `${source}, categories: one must name its keypoints. Received: ${withKeypoints.size} categories without. Give a keypointSet, or add "keypoints": ["nose", …] to the category.`,
        );
      }
      return set;
    },
  };
}
