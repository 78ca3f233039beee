import { COCO, type Box, type KeypointSet, type Size } from '../../keypoints';
import { arrayAt, integerAt, invalid, numberAt, numbersAt, objectAt, parseJson } from '../fields';
import type { Person, PoseDataset, Skip, SkipReason } from '../person';
import type { CocoImage } from '../../coco';

/** Options of {@link readDetections}. */
export interface ReadDetectionsOptions {
  /** The `images` of the annotation file. @defaultValue none; file names are then COCO's, `000000000785.jpg` */
  readonly images?: readonly CocoImage[];
  /** Only boxes of this category. @defaultValue 1, COCO's person */
  readonly categoryId?: number;
  /** Only boxes with at least this score. @defaultValue 0 */
  readonly minimumScore?: number;
  /** Keypoint set of the persons, whose keypoints are all unlabelled. @defaultValue COCO */
  readonly keypointSet?: KeypointSet;
  /** Name of the file in errors. @defaultValue `'detections'` */
  readonly source?: string;
}

/** A detected box as a person with unknown keypoints; `score` is the detector's confidence. */
export interface DetectedPerson extends Person {
  readonly score: number;
}

/**
 * Reads a detector's boxes in COCO's results format (`[{ image_id, category_id, bbox, score }]`, as
 * `COCO_val2017_detections_AP_H_56_person.json`), for top-down testing with `topDown`.
 *
 * Boxes are used without cleaning. Skipped and reported: other categories, lower scores, boxes without extent, images that
 * are not in `images`.
 *
 * @throws DatasetError naming the file, the record and the field.
 * @example
 * const { persons } = readDetections(text, { images: annotations.images });
 * for await (const { images, crops, samples } of topDown({ persons, readImage, codec })) …
 */
export function readDetections(
  json: readonly object[] | string,
  { images, categoryId = 1, minimumScore = 0, keypointSet = COCO, source = 'detections' }: ReadDetectionsOptions = {},
): Omit<PoseDataset, 'persons'> & { readonly persons: readonly DetectedPerson[] } {
  const known = images && new Map(images.map((image) => [image.id, image]));
  const persons: DetectedPerson[] = [];
  const skipped: Skip[] = [];
  const count = keypointSet.names.length;
  arrayAt(typeof json === 'string' ? parseJson(json, source) : json, source).forEach((value, id) => {
    const where = `${source}, [${id}]`;
    const record = objectAt(value, where);
    const imageId = integerAt(record, 'image_id', where);
    const score = numberAt(record, 'score', where);
    const [x, y, width, height] = numbersAt(record, 'bbox', where, 4);
    const box: Box = [x!, y!, width!, height!];
    if (box[2] < 0 || box[3] < 0) throw invalid(`${where}.bbox`, 'must not have a negative width or height', box);
    const image = known?.get(imageId);
    const fileName = image?.file_name ?? `${String(imageId).padStart(12, '0')}.jpg`;
    const skip = (reason: SkipReason, detail: string): void => void skipped.push({ reason, id, fileName, detail });
    if (known !== undefined && image === undefined) return skip('unknown-image', `image ${imageId} is not in images.`);
    if (record.category_id !== categoryId) return skip('other-category', `category is ${String(record.category_id)}.`);
    if (score < minimumScore) return skip('low-score', `score is ${score}.`);
    if (box[2] === 0 || box[3] === 0) return skip('no-area', `box is [${box}].`);
    const imageSize: Size | undefined = image && [image.width, image.height];
    persons.push({
      id,
      imageId,
      fileName,
      ...(imageSize && { imageSize }),
      box,
      keypoints: { frame: 'image', xy: new Float32Array(2 * count), score: new Float32Array(count) },
      area: box[2] * box[3],
      iscrowd: false,
      score,
    });
  });
  return { keypointSet, persons, skipped };
}
