import type { DetectionTable } from './detection-table';
import { describe, failField, readId, readObject } from '../../coco';
import type { PeopleTable } from './people-table';
import type { CocoAnnotation, CocoDataset, CocoResult } from '../../coco';

/** The records that an evaluation has read so far. */
export interface CocoStore {
  readonly people: PeopleTable;
  readonly detections: DetectionTable;
  images: Set<number> | null;
  categories: Set<number> | null;
}

/**
 * Reads annotations: an array of records, or the whole object. All or nothing.
 *
 * @throws TypeError or RangeError naming the source, the record and the field.
 */
export function readAnnotations(
  store: CocoStore,
  annotations: readonly CocoAnnotation[] | CocoDataset,
  source: string,
): void {
  const input: unknown = annotations;
  const dataset = (Array.isArray(input) ? { annotations: input } : input) as CocoDataset | null | undefined;
  if (!Array.isArray(dataset?.annotations)) {
    throw new TypeError(
      `${source}: must be an array of COCO annotations or an object that holds one as "annotations". Received: ${describe(input)}.`,
    );
  }
  const images = readIds(dataset.images, 'images', source, true);
  const categories = readIds(dataset.categories, 'categories', source, false);
  const before = store.people.length;
  const known = union(store.images, images);
  try {
    dataset.annotations.forEach((record: unknown, index) => {
      const place = { source, list: 'annotations', index };
      store.people.append(record, place, before + index);
      checkImage(known, (record as CocoAnnotation).image_id, place);
    });
  } catch (error) {
    store.people.truncate(before);
    throw error;
  }
  store.images = known;
  store.categories = union(store.categories, categories);
}

/**
 * Reads results. All or nothing.
 *
 * @param positions position of each record in the whole list, when this is a part of it; otherwise the order of arrival.
 * @throws TypeError or RangeError naming the source, the record and the field.
 */
export function readResults(
  store: CocoStore,
  results: readonly CocoResult[],
  source: string,
  positions?: ArrayLike<number>,
): void {
  if (!Array.isArray(results)) {
    throw new TypeError(`${source}: must be an array of COCO results. Received: ${describe(results)}.`);
  }
  if (positions && positions.length !== results.length) {
    throw new RangeError(
      `${source}: positions must hold one number per result. Received: ${positions.length} for ${results.length}.`,
    );
  }
  const before = store.detections.length;
  try {
    const place = { source, list: 'results', index: 0 };
    for (let index = 0; index < results.length; index++) {
      place.index = index;
      store.detections.append(results[index], place, positions ? positions[index]! : before + index);
      checkImage(store.images, results[index]!.image_id, place);
    }
  } catch (error) {
    store.detections.truncate(before);
    throw error;
  }
}

/** An image that the dataset does not list is an error: its detections would silently be ignored. */
export function checkImage(
  known: ReadonlySet<number> | null,
  image: number,
  place: { readonly source: string; readonly list: string; readonly index: number },
): void {
  if (known && !known.has(image)) failField(place, 'image_id', 'be one of the images that the dataset lists', image);
}

/** Adds the ids of a list of records to `ids`; null without a list. */
export function readIds(
  list: unknown,
  name: string,
  source: string,
  unique: boolean,
  first = 0,
  ids: Set<number> = new Set(),
): Set<number> | null {
  if (list === undefined) return null;
  if (!Array.isArray(list)) throw new TypeError(`${source}: ${name} must be an array. Received: ${describe(list)}.`);
  list.forEach((record, i) => {
    const place = { source, list: name, index: first + i };
    const id = readId(readObject(record, place)['id'], place, 'id');
    if (unique && ids.has(id)) failField(place, 'id', `be unique among the ${name}`, id);
    ids.add(id);
  });
  return ids;
}

export function union(a: ReadonlySet<number> | null, b: ReadonlySet<number> | null): Set<number> | null {
  return a || b ? new Set([...(a ?? []), ...(b ?? [])]) : null;
}
