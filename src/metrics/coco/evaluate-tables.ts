import { accumulate, type Curves } from './accumulate';
import type { DetectionTable } from './detection-table';
import { groupRecords, type Grouping } from './grouping';
import { matchAll, type Matches } from './match';
import type { CocoParams } from './options';
import type { PeopleTable } from './people-table';

/** The input of an evaluation. */
export interface CocoTables {
  readonly people: PeopleTable;
  readonly detections: DetectionTable;
  /** Image ids of the dataset; null when it names none. */
  readonly images: ReadonlySet<number> | null;
  /** Category ids of the dataset; null when it names none. */
  readonly categories: ReadonlySet<number> | null;
}

/** The scores of the detections and which of them are kept, where they differ from the table. */
export interface Reranking {
  readonly scores: Float64Array;
  readonly kept: Uint8Array | null;
}

export interface TablesEvaluation {
  readonly grouping: Grouping;
  readonly matches: Matches;
  readonly curves: Curves;
}

export interface TablesOptions extends Partial<Reranking> {
  readonly onlyKeypoint?: number;
  /** Reuses the grouping of an evaluation with the same tables, scores and kept detections. */
  readonly grouping?: Grouping;
}

export function evaluateTables(tables: CocoTables, params: CocoParams, options: TablesOptions = {}): TablesEvaluation {
  const { people, detections } = tables;
  const scores = options.scores ?? detections.scores.view();
  const grouping = options.grouping ?? groupTables(tables, params, { scores, kept: options.kept ?? null });
  const matches = matchAll({
    people,
    detections,
    grouping,
    params,
    onlyKeypoint: options.onlyKeypoint ?? -1,
  });
  const categoryIndex = new Map(grouping.categories.map((id, k) => [id, k]));
  const categoryOf = (d: number): number => categoryIndex.get(detections.categories.data[d]!)!;
  return { grouping, matches, curves: accumulate(params, grouping, matches, scores, categoryOf) };
}

export function groupTables(tables: CocoTables, params: CocoParams, { scores, kept }: Reranking): Grouping {
  const { people, detections } = tables;
  return groupRecords({
    people,
    detections,
    scores,
    kept,
    categories: Array.from(ascending(params.categories ?? tables.categories ?? distinct([people.categories.view()]))),
    images: ascending(params.images ?? tables.images ?? distinct([people.images.view(), detections.images.view()])),
  });
}

function ascending(ids: Iterable<number>): Float64Array {
  return Float64Array.from(new Set(ids)).sort();
}

function distinct(columns: readonly Float64Array[]): Set<number> {
  const ids = new Set<number>();
  for (const column of columns) for (let i = 0; i < column.length; i++) ids.add(column[i]!);
  return ids;
}
