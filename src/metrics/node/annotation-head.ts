import { createReadStream } from 'node:fs';
import { categoryKeypointSet, JsonLists, plainChunks, sameNames } from '../../coco';
import type { KeypointSet } from '../../keypoints';

/** What an annotation file says beside its people. */
export interface AnnotationHead {
  /** The keypoint set of its categories; absent where they name no keypoints. */
  readonly keypointSet?: KeypointSet;
  /** Number of keypoints of the first person that has any; 0 for none. */
  readonly keypoints: number;
  /** File name of each image, by id. */
  readonly images: ReadonlyMap<number, string>;
}

/**
 * Reads the keypoint set and the images' names of a COCO annotation file of any size, `.json` or gzip.
 *
 * @param path of the annotation file
 * @throws Error of the file system; SyntaxError, TypeError or RangeError naming the file, the record and the field, also where two categories have different keypoints.
 * @example const { keypointSet, images } = await readAnnotationHead('beetles.json'); keypointSet?.names
 */
export async function readAnnotationHead(path: string): Promise<AnnotationHead> {
  const images = new Map<number, string>();
  let keypointSet: KeypointSet | undefined;
  let keypoints = 0;
  const lists = new JsonLists({
    source: path,
    root: 'annotations',
    lists: ['annotations', 'images', 'categories'],
    onRecords: (list, records, first) => {
      records.forEach((record, i) => {
        const fields = (record ?? {}) as Readonly<Record<string, unknown>>;
        if (list === 'images' && typeof fields['file_name'] === 'string')
          images.set(fields['id'] as number, fields['file_name']);
        if (list === 'annotations' && keypoints === 0)
          keypoints = Math.floor(((fields['keypoints'] as ArrayLike<number> | null | undefined)?.length ?? 0) / 3);
        if (list !== 'categories' || !Array.isArray(fields['keypoints']) || fields['keypoints'].length === 0) return;
        const set = categoryKeypointSet(record, { source: path, list, index: first + i });
        if (keypointSet !== undefined && !sameNames(keypointSet.names, set.names))
          throw new RangeError(`${path}: categories must have the same keypoints to be evaluated together. Received: ${keypointSet.names.join(', ')}; and ${set.names.join(', ')}. Write each category to a file of its own.`); // prettier-ignore
        keypointSet ??= set;
      });
    },
  });
  for await (const chunk of plainChunks(createReadStream(path, { highWaterMark: 1 << 18 }), path)) lists.write(chunk);
  lists.end();
  return { keypoints: keypointSet?.names.length ?? keypoints, images, ...(keypointSet && { keypointSet }) };
}
