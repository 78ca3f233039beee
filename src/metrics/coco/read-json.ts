import type { CocoAccumulator } from './accumulator';
import { JsonLists, plainChunks, type ByteChunks } from '../../coco';
import { checkImage, readIds, union, type CocoStore } from './read-coco';

/** Options of {@link addAnnotationsJson} and {@link addResultsJson}. */
export interface JsonOptions {
  /** Name of the document in errors: its file name. */
  readonly source: string;
  /** Takes only records of these images, for a shard. @defaultValue all images */
  readonly keepImage?: (imageId: number) => boolean;
  /** Receives the number of bytes read, chunk by chunk. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Reads COCO annotations, the object or an array of records, from a JSON stream of any length. All or nothing.
 *
 * @throws SyntaxError, TypeError or RangeError naming the source, the record and the field.
 * @example await addAnnotationsJson(accumulator, response.body, { source: 'person_keypoints_val2017.json' });
 */
export async function addAnnotationsJson(
  accumulator: CocoAccumulator,
  chunks: ByteChunks,
  { source, keepImage = () => true, onProgress }: JsonOptions,
): Promise<void> {
  const store = accumulator.tables as CocoStore;
  const before = store.people.length;
  const ids: Record<string, Set<number> | null> = { images: null, categories: null };
  let found = false;
  const lists = new JsonLists({
    source,
    root: 'annotations',
    lists: ['annotations', 'images', 'categories'],
    onRecords: (list, records, first) => {
      if (list !== 'annotations') {
        ids[list] = readIds(records, list, source, list === 'images', first, ids[list] ?? new Set());
        return;
      }
      found = true;
      records.forEach((record, i) => {
        const place = { source, list, index: first + i };
        store.people.append(record, place, before + first + i);
        if (!keepImage((record as { image_id: number }).image_id)) store.people.truncate(store.people.length - 1);
      });
    },
    onList: (list) => {
      if (list === 'annotations') found = true;
      else ids[list] ??= new Set();
    },
  });
  try {
    await feed(lists, chunks, source, onProgress);
    if (!found) throw new TypeError(`${source}: must hold a list "annotations". Received: an object without it.`);
    const known = union(store.images, ids['images']!);
    for (let i = before; i < store.people.length; i++) {
      const place = { source, list: 'annotations', index: store.people.positions.data[i]! - before };
      checkImage(known, store.people.images.data[i]!, place);
    }
    store.images = known && new Set([...known].filter((id) => keepImage(id)));
    store.categories = union(store.categories, ids['categories']!);
  } catch (error) {
    store.people.truncate(before);
    throw error;
  }
}

/**
 * Reads COCO results, an array of records, from a JSON stream of any length. All or nothing. Records keep their position in
 * the document, so shards of one file merge to exactly its metrics.
 *
 * @throws SyntaxError, TypeError or RangeError naming the source, the record and the field.
 * @example await addResultsJson(accumulator, createReadStream('results.json'), { source: 'results.json' });
 */
export async function addResultsJson(
  accumulator: CocoAccumulator,
  chunks: ByteChunks,
  { source, keepImage = () => true, onProgress }: JsonOptions,
): Promise<void> {
  const { detections, images } = accumulator.tables;
  const before = detections.length;
  const place = { source, list: 'results', index: 0 };
  const lists = new JsonLists({
    source,
    root: 'results',
    lists: null,
    onRecords: (_, records, first) => {
      for (let i = 0; i < records.length; i++) {
        place.index = first + i;
        const image = (records[i] as { image_id?: unknown } | null)?.image_id;
        if (Number.isSafeInteger(image) && !keepImage(image as number)) continue; // another shard checks it
        detections.append(records[i], place, first + i);
        checkImage(images, image as number, place);
      }
    },
  });
  try {
    await feed(lists, chunks, source, onProgress);
  } catch (error) {
    detections.truncate(before);
    throw error;
  }
}

async function feed(
  lists: JsonLists,
  chunks: ByteChunks,
  source: string,
  onProgress?: (bytes: number) => void,
): Promise<void> {
  let bytes = 0;
  for await (const chunk of plainChunks(chunks, source)) {
    lists.write(chunk);
    onProgress?.((bytes += chunk.length));
  }
  lists.end();
}
