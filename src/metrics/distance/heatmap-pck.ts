import type { Size } from '../../keypoints';
import { poseOf, type PoseInput } from '../pose';
import { keypointMetrics, type KeypointMetrics } from './keypoint-metrics';

/** Options of {@link heatmapPck}. */
export interface HeatmapPckOptions {
  /** `[width, height]` of the heatmaps, cells. */
  readonly heatmapSize: Size;
  /** Threshold in tenths of the heatmap's side, exclusive. @defaultValue 0.5 */
  readonly threshold?: number;
  /**
   * `corrected`: distances in x are measured in tenths of the width, in y in tenths of the height.
   * `published`: x by height and y by width, as in HRNet's code; on a square map the two agree. @defaultValue `corrected`
   */
  readonly norm?: 'corrected' | 'published';
}

/**
 * The training accuracy of SimpleBaseline and HRNet (`core/evaluate.py: accuracy`): PCK between the argmax of two
 * heatmaps, in cells, as a fraction. People whose target has x ≤ 1 or y ≤ 1 do not count for that keypoint,
 * since an empty target's argmax is (0, 0). The mean weighs all keypoints that count equally.
 *
 * @param predicted N people, K keypoints: argmax of the predicted heatmaps, cells.
 * @param target the same of the target heatmaps. Visibility is ignored.
 * @throws RangeError when the counts differ, or a coordinate is not finite.
 * @example heatmapPck(argmaxOf(output), argmaxOf(target), { heatmapSize: [48, 64] }).mean
 */
export function heatmapPck(
  predicted: readonly PoseInput[],
  target: readonly PoseInput[],
  { heatmapSize: [width, height], threshold = 0.5, norm = 'corrected' }: HeatmapPckOptions,
): KeypointMetrics {
  if (predicted.length !== target.length || target.length === 0) {
    throw new RangeError(
      `heatmapPck: predicted and target must have the same length, at least 1. Received: ${predicted.length} and ${target.length}.`,
    );
  }
  const [unitX, unitY] = norm === 'published' ? [height / 10, width / 10] : [width / 10, height / 10];
  const keypoints = poseOf(target[0]!, 'heatmapPck: target[0]').score.length;
  const correct = new Array<number>(keypoints).fill(0);
  const counts = new Array<number>(keypoints).fill(0);
  target.forEach((person, n) => {
    const { xy, score } = poseOf(person, `heatmapPck: target[${n}]`);
    const found = poseOf(predicted[n]!, `heatmapPck: predicted[${n}]`).xy;
    if (score.length !== keypoints || found.length !== xy.length) {
      throw new RangeError(
        `heatmapPck: person ${n} must have ${keypoints} keypoints. Received: ${found.length / 2} predicted, ${score.length} in the target.`,
      );
    }
    for (let k = 0; k < keypoints; k++) {
      const [x, y] = [xy[2 * k]!, xy[2 * k + 1]!];
      if (!(x > 1 && y > 1)) continue;
      counts[k]!++;
      const [dx, dy] = [found[2 * k]! / unitX - x / unitX, found[2 * k + 1]! / unitY - y / unitY];
      if (Math.sqrt(dx * dx + dy * dy) < threshold) correct[k]!++;
    }
  });
  return keypointMetrics(correct, counts, 'keypoint');
}
