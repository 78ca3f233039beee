import { groupTables, type CocoTables, type Reranking } from './evaluate-tables';
import { detectionAreas } from './detection-areas';
import type { DetectionTable } from './detection-table';
import type { CocoParams } from './options';

/** Rescoring and suppression, as the options ask; null when they ask for neither. */
export function rerank(tables: CocoTables, params: CocoParams): Reranking | null {
  if (!params.rescore && !params.nms) return null;
  const scores = params.rescore
    ? rescore(tables.detections, params.rescore.visibleThreshold)
    : tables.detections.scores.view().slice();
  return params.nms ? suppress(tables, params, scores, params.nms) : { scores, kept: null };
}

/** Score × mean of the keypoints' own scores above the threshold, 0 if none is: HRNet's `COCODataset.evaluate`. */
function rescore({ scores, confidences }: DetectionTable, visibleThreshold: number): Float64Array {
  return scores.view().map((score, d) => {
    const visible = confidences!.row(d).filter((confidence) => confidence > visibleThreshold);
    return visible.length === 0 ? 0 : (visible.reduce((sum, value) => sum + value, 0) / visible.length) * score;
  });
}

/**
 * OKS-NMS in each image and category, highest score first, as HRNet's `nms/nms.py`: greedy, or soft, where the scores that
 * decay are the ones evaluated and at most `maxKept` stay. Areas are those of the boxes, else of the keypoints' extents.
 */
function suppress(
  tables: CocoTables,
  params: CocoParams,
  before: Float64Array,
  { threshold, soft, maxKept }: NonNullable<CocoParams['nms']>,
): Reranking {
  const scores = before.slice();
  const kept = new Uint8Array(scores.length);
  const { start, order } = groupTables(tables, params, { scores, kept: null }).detections;
  const similarity = detectionOks(tables.detections, params.sigmas);
  for (let group = 0; group + 1 < start.length; group++) {
    let rest = Array.from(order.subarray(start[group], start[group + 1]));
    for (let count = 0; rest.length > 0 && (!soft || count < maxKept); count++) {
      const best = rest[0]!;
      kept[best] = 1;
      if (!soft) {
        rest = rest.filter((other) => other !== best && similarity(best, other) <= threshold);
        continue;
      }
      rest.shift();
      for (const other of rest) scores[other]! *= Math.exp(-(similarity(best, other) ** 2) / threshold);
      rest.sort((a, b) => scores[b]! - scores[a]!);
    }
  }
  return { scores, kept };
}

/** OKS of two detections: over all keypoints, at the mean of their areas. */
function detectionOks(detections: DetectionTable, sigmas: readonly number[]): (a: number, b: number) => number {
  const areas = detectionAreas(detections);
  const variances = sigmas.map((sigma) => (2 * sigma) ** 2);
  return (a, b) => {
    const left = detections.xy.row(a);
    const right = detections.xy.row(b);
    const scale = (areas[a]! + areas[b]!) / 2 + Number.EPSILON;
    let sum = 0;
    for (let k = 0; k < variances.length; k++) {
      const dx = left[2 * k]! - right[2 * k]!;
      const dy = left[2 * k + 1]! - right[2 * k + 1]!;
      sum += Math.exp(-((dx * dx + dy * dy) / variances[k]! / scale / 2));
    }
    return sum / variances.length;
  };
}
