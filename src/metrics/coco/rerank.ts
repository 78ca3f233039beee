import { groupTables, type CocoTables, type Reranking } from './evaluate-tables';
import { detectionAreas } from './detection-areas';
import type { DetectionTable } from './detection-table';
import type { CocoParams } from './options';
import { predictionOks, suppressDuplicates } from '../suppress';
import { visibleMean } from '../visible-mean';

/** Rescoring and suppression according to the options; null when they request neither. */
export function rerank(tables: CocoTables, params: CocoParams): Reranking | null {
  if (!params.rescore && !params.nms) return null;
  const scores = params.rescore
    ? rescore(tables.detections, params.rescore.visibleThreshold)
    : tables.detections.scores.view().slice();
  return params.nms ? suppress(tables, params, scores, params.nms) : { scores, kept: null };
}

/** Score × mean of the keypoint scores above the threshold. */
function rescore({ scores, confidences }: DetectionTable, visibleThreshold: number): Float64Array {
  return scores.view().map((score, d) => visibleMean(confidences!.row(d), visibleThreshold) * score);
}

/**
 * OKS-NMS in each image and category. The soft variant evaluates the lowered scores. Areas are those of
 * the boxes, otherwise of the keypoints' extents.
 */
function suppress(
  tables: CocoTables,
  params: CocoParams,
  before: Float64Array,
  options: NonNullable<CocoParams['nms']>,
): Reranking {
  const { detections } = tables;
  const scores = before.slice();
  const kept = new Uint8Array(scores.length);
  const { start, order } = groupTables(tables, params, { scores, kept: null }).detections;
  const areas = detectionAreas(detections);
  const similarity = (a: number, b: number): number =>
    predictionOks(detections.xy.row(a), detections.xy.row(b), (areas[a]! + areas[b]!) / 2, params.sigmas);
  for (let group = 0; group + 1 < start.length; group++) {
    // Among equal scores the last comes first, as with the references' `argsort()[::-1]`.
    const ranked = lastFirst(order.subarray(start[group], start[group + 1]), scores);
    for (const d of suppressDuplicates(ranked, scores, similarity, options)) kept[d] = 1;
  }
  return { scores, kept };
}

/** Indices from the highest score down, with each run of equal scores reversed. */
function lastFirst(ranked: Uint32Array, scores: Float64Array): Uint32Array {
  const out = ranked.slice();
  for (let from = 0, to = 1; to <= out.length; to++) {
    if (to < out.length && scores[out[to]!] === scores[out[from]!]) continue;
    out.subarray(from, to).reverse();
    from = to;
  }
  return out;
}
