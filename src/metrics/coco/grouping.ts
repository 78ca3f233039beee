import { sortDescending } from '../store/sort-descending';
import type { DetectionTable } from './detection-table';
import type { PeopleTable } from './people-table';

/** Records bucketed by group: those of group g are `order[start[g]] … order[start[g + 1] - 1]`. */
export interface Buckets {
  readonly start: Uint32Array;
  readonly order: Uint32Array;
}

/** People and detections of each category and image: group = category index × images + image index. */
export interface Grouping {
  readonly categories: readonly number[];
  /** Ascending. */
  readonly images: Float64Array;
  /** In the order of the annotations. */
  readonly people: Buckets;
  /** Highest score first; equal scores in the order of the results. */
  readonly detections: Buckets;
  /** All grouped detections, highest score first, equal scores by group and then in the order of the results. */
  readonly ranking: Uint32Array;
}

const nowhere = 0xffffffff;

export interface GroupingInput {
  readonly people: PeopleTable;
  readonly detections: DetectionTable;
  readonly scores: Float64Array;
  /** 0 for detections that are left out; null keeps all. */
  readonly kept: Uint8Array | null;
  readonly categories: readonly number[];
  readonly images: Float64Array;
}

export function groupRecords({ people, detections, scores, kept, categories, images }: GroupingInput): Grouping {
  const groups = categories.length * images.length;
  const groupOf = groupFinder(categories, images);

  const personGroup = groupOf(people.images.view(), people.categories.view());
  const personOrder = inPositionOrder(people.positions.view(), (a, b) => people.ids.data[a]! - people.ids.data[b]!);

  const detectionGroup = groupOf(detections.images.view(), detections.categories.view());
  if (kept) for (let i = 0; i < detectionGroup.length; i++) if (kept[i] === 0) detectionGroup[i] = nowhere;
  const byContent = compareContent(detections);
  const detectionOrder = inPositionOrder(detections.positions.view(), byContent);
  // Ranking records that are already in group order breaks ties as a stable sort of concatenated images does.
  const ranking = sortDescending(scores, bucket(detectionGroup, detectionOrder, groups).order);
  return {
    categories,
    images,
    people: bucket(personGroup, personOrder, groups),
    detections: bucket(detectionGroup, ranking, groups),
    ranking,
  };
}

function groupFinder(
  categories: readonly number[],
  images: Float64Array,
): (image: Float64Array, category: Float64Array) => Uint32Array {
  const imageIndex = indexFinder(images);
  const categoryIndex = indexFinder(Float64Array.from(categories));
  return (image, category) => {
    const groups = new Uint32Array(image.length);
    for (let i = 0; i < image.length; i++) {
      const at = imageIndex(image[i]!);
      const kind = categoryIndex(category[i]!);
      groups[i] = at < 0 || kind < 0 ? nowhere : kind * images.length + at;
    }
    return groups;
  };
}

/** Index of an id, −1 for unknown ids: by a table where ids are small, like COCO's, otherwise by a map. */
function indexFinder(ids: Float64Array): (id: number) => number {
  const size = ids.reduce((largest, id) => Math.max(largest, id), 0) + 1;
  if (size <= 1 << 22 && ids.every((id) => id >= 0)) {
    const table = new Int32Array(size).fill(-1);
    ids.forEach((id, i) => (table[id] = i));
    return (id) => (id >= 0 && id < size ? table[id]! : -1);
  }
  const map = new Map<number, number>();
  ids.forEach((id, i) => map.set(id, i));
  return (id) => map.get(id) ?? -1;
}

/** Indices by position; records with the same position by `compare`, so that the order of merging has no effect. */
function inPositionOrder(positions: Float64Array, compare: (a: number, b: number) => number): Uint32Array {
  const order = new Uint32Array(positions.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = 1; i < positions.length; i++) {
    if (!(positions[i]! > positions[i - 1]!)) {
      return order.sort((a, b) => positions[a]! - positions[b]! || compare(a, b));
    }
  }
  return order;
}

/** Orders detections of equal position and score by their contents: two that compare equal are identical. */
function compareContent(table: DetectionTable): (a: number, b: number) => number {
  return (a, b) => {
    const columns = [table.images, table.categories, table.scores];
    for (const { data } of columns) if (data[a] !== data[b]) return data[a]! - data[b]!;
    const boxes = table.boxAreas.data;
    if (!Object.is(boxes[a], boxes[b])) return Number.isNaN(boxes[a]) ? -1 : boxes[a]! - boxes[b]! || 1;
    const rows = table.confidences ? [table.xy, table.confidences] : [table.xy];
    for (const column of rows) {
      const left = column.row(a);
      const right = column.row(b);
      for (let k = 0; k < left.length; k++) if (left[k] !== right[k]) return left[k]! - right[k]!;
    }
    return 0;
  };
}

/** A stable counting sort of `order` by group; records without a group are dropped. */
function bucket(group: Uint32Array, order: Uint32Array, groups: number): Buckets {
  // One loop per function: the engine then compiles each during its first run.
  const start = new Uint32Array(groups + 1);
  countGroups(group, start);
  addUp(start);
  const sorted = new Uint32Array(start[groups]!);
  placeByGroup(group, order, start.slice(), sorted);
  return { start, order: sorted };
}

function countGroups(group: Uint32Array, start: Uint32Array): void {
  for (let i = 0; i < group.length; i++) {
    const g = group[i]!;
    if (g !== nowhere) start[g + 1]!++;
  }
}

function addUp(counts: Uint32Array): void {
  for (let i = 1; i < counts.length; i++) counts[i]! += counts[i - 1]!;
}

function placeByGroup(group: Uint32Array, order: Uint32Array, next: Uint32Array, sorted: Uint32Array): void {
  for (let i = 0; i < order.length; i++) {
    const g = group[order[i]!]!;
    if (g !== nowhere) sorted[next[g]!++] = order[i]!;
  }
}
