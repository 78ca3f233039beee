import { CocoAccumulator } from './accumulator';
import { rerank } from './rerank';
import { evaluateTables, type Reranking, type TablesEvaluation } from './evaluate-tables';
import type { CocoOptions, CocoParams } from './options';
import type { CocoAnnotation, CocoDataset, CocoResult } from '../../coco';
import { summarize, type CocoSummary } from './summary';

/**
 * COCO's keypoint evaluation (https://cocodataset.org/#keypoints-eval): the ten official metrics, equal to those of
 * pycocotools' COCOeval, from COCO's own JSON records.
 *
 * @param results records of COCO's results format.
 * @param annotations annotation records, or the whole `{ images, annotations, categories }` object. With `images`, a
 *   record of an unlisted image is an error; without, the images are those that the records name.
 * @throws TypeError or RangeError naming the list, the record and the field.
 * @example
 * const annotations = JSON.parse(await readFile('person_keypoints_val2017.json', 'utf8'));
 * const { AP, AP50, AR } = evaluateCoco(results, annotations);
 */
export function evaluateCoco(
  results: readonly CocoResult[],
  annotations: readonly CocoAnnotation[] | CocoDataset,
  options: CocoOptions = {},
): CocoSummary {
  return evaluateAccumulator(new CocoAccumulator(options).addAnnotations(annotations).addResults(results)).summary;
}

/** The complete result of one evaluation. */
export interface CocoEvaluation extends TablesEvaluation {
  readonly summary: CocoSummary;
  readonly params: CocoParams;
  readonly categories: readonly number[];
  /** The scores after rescoring and suppression; null where they are those of the results. */
  readonly reranking: Reranking | null;
  readonly accumulator: CocoAccumulator;
}

/**
 * Evaluates the records of an accumulator.
 *
 * @example evaluateAccumulator(accumulator).summary.AP
 */
export function evaluateAccumulator(accumulator: CocoAccumulator): CocoEvaluation {
  const { tables, params } = accumulator;
  const reranking = rerank(tables, params);
  const evaluation = evaluateTables(tables, params, reranking ?? {});
  const { categories } = evaluation.grouping;
  const summary = summarize({ params, categories, curves: evaluation.curves });
  return { ...evaluation, summary, params, categories, reranking, accumulator };
}
