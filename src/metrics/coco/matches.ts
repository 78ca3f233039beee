import type { CocoEvaluation } from './evaluate-coco';
import { matchAll, UNRANKED, type Matches } from './match';
import { OksMatrix } from './oks-matrix';
import type { CocoSelection } from './summary';

/** The outcome of one detection at one threshold. */
export interface CocoMatch {
  readonly imageId: number;
  readonly categoryId: number;
  /** Index of the record in the results (its position, where positions were given). */
  readonly result: number;
  readonly score: number;
  /** `ignored`: it matched a crowd or a person that does not count, or is unmatched and outside the area range. */
  readonly outcome: 'true positive' | 'false positive' | 'ignored';
  /** The matched person; null if unmatched. */
  readonly annotationId: number | null;
  /** OKS with that person; null if unmatched. */
  readonly oks: number | null;
}

/**
 * The match of every evaluated detection, with its OKS, by image and then by score.
 *
 * @param selection threshold (default: the lowest) and area range (default: `all`, or the first).
 * @throws RangeError when the evaluation has no such threshold or range.
 * @example cocoMatches(evaluation, { threshold: 0.5 }).filter(({ outcome }) => outcome === 'false positive')
 */
export function cocoMatches(
  evaluation: CocoEvaluation,
  selection: Pick<CocoSelection, 'threshold' | 'area'> = {},
): CocoMatch[] {
  const { grouping, params, reranking } = evaluation;
  const { people, detections } = evaluation.accumulator.tables;
  const { matches, met } = matchSelected(evaluation, selection, 'cocoMatches');
  const matrix = new OksMatrix(evaluation.accumulator.tables, params.sigmas);
  const scores = reranking?.scores ?? detections.scores.data;
  const found: CocoMatch[] = [];
  for (const d of grouping.detections.order) {
    if (matches.ranks[d] === UNRANKED) continue;
    const person = met[d]!;
    found.push({
      imageId: detections.images.data[d]!,
      categoryId: detections.categories.data[d]!,
      result: detections.positions.data[d]!,
      score: scores[d]!,
      outcome:
        matches.hits[0]![d] === 1 ? 'true positive' : matches.ignored[0]![d] !== 0 ? 'ignored' : 'false positive',
      annotationId: person < 0 ? null : people.ids.data[person]!,
      oks: person < 0 ? null : matrix.pair(d, person),
    });
  }
  return found;
}

/** Matches again at one threshold and in one area range, recording the matched people; by detection. */
export function matchSelected(
  { params, grouping, accumulator }: Pick<CocoEvaluation, 'params' | 'grouping' | 'accumulator'>,
  { threshold = params.thresholds[0]!, area }: Pick<CocoSelection, 'threshold' | 'area'>,
  where: string,
): { readonly matches: Matches; readonly met: Int32Array } {
  const named = area ?? (params.areaNames.includes('all') ? 'all' : params.areaNames[0]!);
  const range = params.areaRanges[params.areaNames.indexOf(named)];
  if (!range || !(threshold >= 0 && threshold <= 1)) {
    throw new RangeError(
      `${where}: threshold must be from 0 to 1 and area a range of the evaluation. Received: ${threshold}, ${named}; it has ${params.areaNames.join(', ')}.`,
    );
  }
  const single = { ...params, thresholds: [threshold], areaNames: [named], areaRanges: [range] };
  const matches = matchAll({ ...accumulator.tables, grouping, params: single, keepMet: true });
  return { matches, met: matches.met[0]! };
}

/** Whether a person (by row) must be found: no crowd, labelled, and inside the range of all areas. */
export function isRequired(
  { accumulator, params }: Pick<CocoEvaluation, 'accumulator' | 'params'>,
  person: number,
): boolean {
  const { areas, crowds, labelled } = accumulator.tables.people;
  const [low, high] = params.areaRanges[Math.max(0, params.areaNames.indexOf('all'))]!;
  const area = areas.data[person]!;
  return crowds.data[person] === 0 && labelled.data[person] !== 0 && area >= low && area <= high;
}
