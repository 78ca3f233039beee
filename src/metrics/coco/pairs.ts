import type { PoseLike } from '../pose';
import type { CocoEvaluation } from './evaluate-coco';
import { isRequired, matchSelected } from './matches';
import type { CocoSelection } from './summary';

/** Matched detections and their people. */
export interface CocoPairs {
  readonly predicted: readonly PoseLike[];
  readonly truth: readonly PoseLike[];
  /** The person's box: `[x, y, width, height]`, pixels. */
  readonly boxes: readonly (readonly [number, number, number, number])[];
  /** The person's annotation id. */
  readonly annotationIds: readonly number[];
  /** Number of people that count, matched or not. */
  readonly people: number;
}

/** Which people {@link cocoPairs} returns. */
export interface CocoPairsOptions extends Pick<CocoSelection, 'threshold' | 'area'> {
  /**
   * Also returns the people that no detection matched, with predictions at an infinite distance: correct nowhere. PCK over all people, as the
   * protocols of single people measure it, needs this and `threshold: 0`; mean distances cannot have it. @defaultValue false
   */
  readonly unmatched?: boolean;
}

/** Far enough to be correct at no threshold; coordinates must be finite. */
const FAR = 1e9;

/**
 * The true positives as pairs, for distance metrics: PCK, AUC, EPE, NME of the matched people.
 *
 * @param options threshold (default: the lowest), area range (default: `all`, or the first), and whether unmatched people are returned too.
 * @example const { predicted, truth, boxes } = cocoPairs(evaluation); pck(predicted, truth, { normalizer: longerSides(boxes) });
 */
export function cocoPairs(evaluation: CocoEvaluation, options: CocoPairsOptions = {}): CocoPairs {
  const { people, detections } = evaluation.accumulator.tables;
  const { matches, met } = matchSelected(evaluation, options, 'cocoPairs');
  const hits = Array.from(evaluation.grouping.detections.order.filter((d) => matches.hits[0]![d] === 1));
  const found = new Set(hits.map((d) => met[d]!));
  const unmatched = options.unmatched
    ? Array.from(evaluation.grouping.people.order).filter((p) => !found.has(p) && isRequired(evaluation, p))
    : [];
  const persons = [...hits.map((d) => met[d]!), ...unmatched];
  const truth = persons.map((person): PoseLike => {
    const row = people.keypoints.row(person);
    const index = Array.from({ length: row.length / 3 }, (_, k) => 3 * k);
    return { xy: index.flatMap((i) => [row[i]!, row[i + 1]!]), score: index.map((i) => row[i + 2]!) };
  });
  const score = new Uint8Array(detections.xy.width / 2).fill(1);
  return {
    predicted: persons.map((_, i) =>
      i < hits.length
        ? { xy: detections.xy.row(hits[i]!), score }
        : { xy: Array.from(truth[i]!.xy, (at) => at + FAR), score },
    ),
    truth,
    boxes: persons.map((person) => Array.from(people.boxes.row(person)) as [number, number, number, number]),
    annotationIds: persons.map((person) => people.ids.data[person]!),
    people: matches.counted.reduce((sum, count) => sum + count, 0),
  };
}
