import type { CocoEvaluation } from './evaluate-coco';
import { TRUE_POSITIVE, IGNORED, UNRANKED } from './match';
import { OksMatrix } from './oks-matrix';
import type { CocoSelection } from './summary';

/** What became of one detection at one threshold. */
export interface CocoMatch {
  readonly imageId: number;
  readonly categoryId: number;
  /** Index of the record in the results (its position, where positions were given). */
  readonly result: number;
  readonly score: number;
  /** `ignored`: it met a crowd or a person that does not count, or met nobody and lies outside the area range. */
  readonly outcome: 'true positive' | 'false positive' | 'ignored';
  /** The person it met; null for nobody. */
  readonly annotationId: number | null;
  /** OKS with that person; null for nobody. */
  readonly oks: number | null;
}

/**
 * Which detection met which person, with its OKS: every detection that was looked at, by image and then by score.
 *
 * @param selection The threshold (the lowest by default) and the area range (`all`, or the first, by default).
 * @throws RangeError when the evaluation has no such threshold or range.
 * @example cocoMatches(evaluation, { threshold: 0.5 }).filter(({ outcome }) => outcome === 'false positive')
 */
export function cocoMatches(
  evaluation: CocoEvaluation,
  selection: Pick<CocoSelection, 'threshold' | 'area'> = {},
): CocoMatch[] {
  const { grouping, matches, params, reranking } = evaluation;
  const { people, detections } = evaluation.accumulator.tables;
  const row = matchRow(evaluation, selection, 'cocoMatches');
  const outcomes = matches.outcomes[row]!;
  const met = matches.met[row]!;
  const matrix = new OksMatrix(params.sigmas);
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
      outcome: outcomes[d] === TRUE_POSITIVE ? 'true positive' : outcomes[d] === IGNORED ? 'ignored' : 'false positive',
      annotationId: person < 0 ? null : people.ids.data[person]!,
      oks: person < 0 ? null : matrix.pair(detections, d, people, person),
    });
  }
  return found;
}

/** Row of the outcomes that a selection means. */
export function matchRow(
  { params }: Pick<CocoEvaluation, 'params'>,
  { threshold = params.thresholds[0]!, area }: Pick<CocoSelection, 'threshold' | 'area'>,
  where: string,
): number {
  const t = params.thresholds.indexOf(threshold);
  const named = area ?? (params.areaNames.includes('all') ? 'all' : params.areaNames[0]!);
  const a = params.areaNames.indexOf(named);
  if (t < 0 || a < 0) {
    throw new RangeError(
      `${where}: threshold and area must be ones of the evaluation. Received: ${threshold}, ${named}; it has ${params.thresholds.join(', ')} and ${params.areaNames.join(', ')}.`,
    );
  }
  return a * params.thresholds.length + t;
}
