import type { PoseLike } from '../pose';
import type { CocoEvaluation } from './evaluate-coco';
import { matchSelected } from './matches';
import type { CocoSelection } from './summary';

/** Matched detections and their people. */
export interface CocoPairs {
  readonly predicted: readonly PoseLike[];
  readonly truth: readonly PoseLike[];
  /** The person's box: `[x, y, width, height]`, pixels. */
  readonly boxes: readonly (readonly [number, number, number, number])[];
  /** Number of people that count, matched or not. */
  readonly people: number;
}

/**
 * The true positives as pairs, for distance metrics: PCK, AUC, EPE, NME of the matched people.
 *
 * @param selection threshold (default: the lowest) and area range (default: `all`, or the first).
 * @example const { predicted, truth, boxes } = cocoPairs(evaluation); pck(predicted, truth, { normalizer: longerSides(boxes) });
 */
export function cocoPairs(
  evaluation: CocoEvaluation,
  selection: Pick<CocoSelection, 'threshold' | 'area'> = {},
): CocoPairs {
  const { people, detections } = evaluation.accumulator.tables;
  const { matches, met } = matchSelected(evaluation, selection, 'cocoPairs');
  const hits = evaluation.grouping.detections.order.filter((d) => matches.hits[0]![d] === 1);
  const pose = (d: number): PoseLike => {
    const row = people.keypoints.row(met[d]!);
    const index = Array.from({ length: row.length / 3 }, (_, k) => 3 * k);
    return { xy: index.flatMap((i) => [row[i]!, row[i + 1]!]), score: index.map((i) => row[i + 2]!) };
  };
  const order = Array.from(hits);
  return {
    predicted: order.map((d) => ({ xy: detections.xy.row(d), score: new Uint8Array(detections.xy.width / 2).fill(1) })),
    truth: order.map(pose),
    boxes: order.map((d) => Array.from(people.boxes.row(met[d]!)) as [number, number, number, number]),
    people: matches.counted.reduce((sum, count) => sum + count, 0),
  };
}
