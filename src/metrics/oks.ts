import { knownOptions } from '../bytes';
import { COCO_SIGMAS } from '../keypoints';
import { poseOf, type PoseInput } from './pose';

/** How {@link oks} scales distances. */
export interface OksOptions {
  /** The person's area in square pixels (COCO: of the segment, not of the box). */
  readonly area: number;
  /** OKS standard deviation of each keypoint. @defaultValue COCO's 17 */
  readonly sigmas?: readonly number[];
  /** `[x, y, width, height]` of the person, for a truth without a labelled keypoint. */
  readonly bbox?: ArrayLike<number>;
}

/**
 * Object keypoint similarity, from 0 to 1: the mean over labelled keypoints of exp(−d² / (2·area·(2σ)²)), as in
 * COCOeval.computeOks. A truth without a labelled keypoint is compared by the distance of the prediction from its
 * doubled `bbox`; without `bbox` its OKS is 0.
 *
 * @param predicted K keypoints, pixels: `Keypoints`, `{ xy, score }` or COCO's triplets.
 * @param truth K keypoints in the same frame; those with a score (visibility) above 0 count.
 * @throws RangeError when the counts differ, or a coordinate or the area is not finite.
 * @example oks(predicted, truth, { area: annotation.area, sigmas: COCO.sigmas })
 */
export function oks(predicted: PoseInput, truth: PoseInput, options: OksOptions): number {
  const { area, sigmas = COCO_SIGMAS, bbox } = knownOptions('oks', options ?? {}, ['area', 'sigmas', 'bbox']);
  const found = poseOf(predicted, 'oks: predicted').xy;
  const { xy, score } = poseOf(truth, 'oks: truth');
  const count = sigmas.length;
  if (score.length !== count || found.length !== 2 * count) {
    throw new RangeError(
      `oks: predicted and truth must have one keypoint per sigma. Received: ${found.length / 2} and ${score.length} for ${count} sigmas.`,
    );
  }
  if (!(area >= 0 && area < Infinity)) throw new RangeError(`oks: area must be at least 0. Received: ${area}.`);
  let labelled = 0;
  for (let k = 0; k < count; k++) if (score[k]! > 0) labelled++;
  if (labelled === 0 && !bbox) return 0;
  const [left, top, width, height] = Array.from(bbox ?? [0, 0, 0, 0]) as [number, number, number, number];
  let sum = 0;
  for (let k = 0; k < count; k++) {
    if (labelled > 0 && !(score[k]! > 0)) continue;
    const x = found[2 * k]!;
    const y = found[2 * k + 1]!;
    const dx = labelled > 0 ? x - xy[2 * k]! : outside(x, left, width);
    const dy = labelled > 0 ? y - xy[2 * k + 1]! : outside(y, top, height);
    sum += Math.exp(-((dx * dx + dy * dy) / (2 * sigmas[k]!) ** 2 / (area + Number.EPSILON) / 2));
  }
  return sum / (labelled || count);
}

/** Distance of a coordinate from the interval, doubled about its centre. */
function outside(value: number, start: number, length: number): number {
  return Math.max(0, start - length - value) + Math.max(0, value - (start + length * 2));
}
