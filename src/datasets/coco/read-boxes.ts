import { plainText, readFinite, readFlag, readId, readNumbers, readObject, type RecordPlace } from '../../coco';
import type { Box, Size } from '../../keypoints';
import { DatasetError, parseJson } from '../fields';
import { inDataset } from './read-coco';

/** The boxes of one image. */
export interface ImageBoxes {
  readonly imageId: number;
  readonly fileName: string;
  /** `[width, height]`, where the file gives it. */
  readonly size?: Size;
  readonly boxes: readonly { readonly box: Box; readonly score: number; readonly categoryId: number }[];
}

/** Options of {@link readBoxes}. */
export interface ReadBoxesOptions {
  /** The annotation file whose images a list of detections refers to by id. @defaultValue none; file names are COCO's, `000000000785.jpg` */
  readonly annotations?: object | string | Uint8Array;
  /** Only boxes of this category. @defaultValue 1 for a list of detections, all for an annotation file */
  readonly categoryId?: number;
  /** Minimum score. @defaultValue 0 */
  readonly minScore?: number;
  /** Name of the file in errors. @defaultValue 'boxes' */
  readonly source?: string;
}

/**
 * Reads boxes by image, from a detector's results (`[{ image_id, bbox, score }]`) or from annotations (`{ images, annotations }`), of which
 * only `bbox` is read, so keypoints are not needed. Crowds, and boxes without extent, are skipped.
 *
 * @returns one entry per image, in the file's order; for an annotation file including images without a box.
 * @throws DatasetError naming the file, the record and the field.
 * @example const [{ fileName, boxes }] = readBoxes(await readFile('val.json'));
 */
export function readBoxes(json: object | string | Uint8Array, options: ReadBoxesOptions = {}): readonly ImageBoxes[] {
  const { source = 'boxes', annotations, minScore = 0 } = options;
  const file = parsed(json, source);
  if (Array.isArray(file)) {
    const named = annotations === undefined ? undefined : imagesOf(parsed(annotations, 'annotations'), 'annotations');
    return detections(file, source, named, options.categoryId ?? 1, minScore);
  }
  const images = imagesOf(file, source);
  const records = (file as { annotations?: unknown }).annotations;
  if (!Array.isArray(records)) {
    throw new DatasetError(
      `${source}: must hold annotations, or be a list of detections. Received: an object without annotations.`,
    );
  }
  records.forEach((value, index) =>
    inDataset(() => {
      const place = { source, list: 'annotations', index };
      const record = readObject(value, place);
      if (record['iscrowd'] !== undefined && readFlag(record['iscrowd'], place, 'iscrowd')) return;
      add(images, record, place, 1, options.categoryId);
    }),
  );
  return [...images.values()];
}

type Building = Omit<ImageBoxes, 'boxes'> & { readonly boxes: { box: Box; score: number; categoryId: number }[] };

function parsed(json: object | string | Uint8Array, source: string): object {
  const text = json instanceof Uint8Array ? inDataset(() => plainText(json, source)) : json;
  const value = typeof text === 'string' ? parseJson(text, source) : text;
  if (typeof value === 'object' && value !== null) return value;
  throw new DatasetError(
    `${source}: must be a list of detections, or an object of images and annotations. Received: ${String(value)}.`,
  );
}

function imagesOf(file: object, source: string): Map<number, Building> {
  const list = (file as { images?: unknown }).images;
  if (!Array.isArray(list))
    throw new DatasetError(`${source}: images must be an array. Received: ${list === undefined ? 'none' : typeof list}.`); // prettier-ignore
  const images = new Map<number, Building>();
  list.forEach((value, index) =>
    inDataset(() => {
      const place = { source, list: 'images', index };
      const record = readObject(value, place);
      const imageId = readId(record['id'], place, 'id');
      const { file_name: fileName, width, height } = record;
      if (typeof fileName !== 'string' || fileName === '')
        throw new DatasetError(`${source}: images[${index}].file_name must be a non-empty string.`);
      const size =
        width === undefined || height === undefined
          ? {}
          : { size: [readFinite(width, place, 'width'), readFinite(height, place, 'height')] as const };
      images.set(imageId, { imageId, fileName, ...size, boxes: [] });
    }),
  );
  return images;
}

function detections(
  list: readonly unknown[],
  source: string,
  named: Map<number, Building> | undefined,
  categoryId: number,
  minScore: number,
): readonly ImageBoxes[] {
  const images = named ?? new Map<number, Building>();
  list.forEach((value, index) =>
    inDataset(() => {
      const place = { source, list: '', index };
      const record = readObject(value, place);
      const imageId = readId(record['image_id'], place, 'image_id');
      const score = record['score'] === undefined ? 1 : readFinite(record['score'], place, 'score');
      if (score < minScore) return;
      if (named === undefined && !images.has(imageId)) {
        images.set(imageId, { imageId, fileName: `${String(imageId).padStart(12, '0')}.jpg`, boxes: [] });
      }
      add(images, record, place, score, categoryId);
    }),
  );
  return [...images.values()];
}

function add(
  images: ReadonlyMap<number, Building>,
  record: Readonly<Record<string, unknown>>,
  place: RecordPlace,
  score: number,
  wanted: number | undefined,
): void {
  const categoryId = record['category_id'] === undefined ? 1 : readId(record['category_id'], place, 'category_id');
  if (wanted !== undefined && categoryId !== wanted) return;
  const image = images.get(readId(record['image_id'], place, 'image_id'));
  const [x, y, width, height] = Array.from(readNumbers(record['bbox'], place, 'bbox', 4, 'x, y, width, height'));
  if (image === undefined || !(width! > 0 && height! > 0)) return;
  image.boxes.push({ box: [x!, y!, width!, height!], score, categoryId });
}
