import type { Box, KeypointSet } from '../../keypoints';
import { poseOf, type PoseInput } from '../pose';

/**
 * The longer side of each box, pixels: the normaliser of PCK by bounding box.
 *
 * @example pck(predicted, truth, { normalizer: longerSides(boxes) })
 */
export function longerSides(boxes: readonly Box[]): number[] {
  return boxes.map(([, , width, height]) => Math.max(width, height));
}

/**
 * MPII's head size: 0.6 × the diagonal of the head box, given by its corners `[x₁, y₁, x₂, y₂]`, pixels.
 *
 * @example pckh(predicted, truth, { headSize: mpiiHeadSizes(headBoxes) })
 */
export function mpiiHeadSizes(headBoxes: readonly (readonly [number, number, number, number])[]): number[] {
  return headBoxes.map(([x1, y1, x2, y2]) => 0.6 * Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2));
}

/**
 * The distance between two keypoints of each person, pixels: by default the torso's diameter, left shoulder to right hip
 * (DeepPose's PDJ). NaN where either is unlabelled or the two coincide, which leaves the person out.
 *
 * @throws RangeError when the set lacks these keypoints.
 * @example pck(predicted, truth, { normalizer: torsoDiameters(truth, LSP) })
 */
export function torsoDiameters(
  truth: readonly PoseInput[],
  set: KeypointSet,
  between: readonly [string, string] = ['left_shoulder', 'right_hip'],
): number[] {
  const [a, b] = between.map((name) => {
    const k = set.names.indexOf(name);
    if (k >= 0) return k;
    throw new RangeError(
      `torsoDiameters: between must name keypoints of ${set.name}. Received: "${name}"; known are ${set.names.join(', ')}.`,
    );
  }) as [number, number];
  return truth.map((person, n) => {
    const { xy, score } = poseOf(person, `torsoDiameters: truth[${n}]`);
    if (!(score[a]! > 0 && score[b]! > 0)) return NaN;
    const [dx, dy] = [xy[2 * a]! - xy[2 * b]!, xy[2 * a + 1]! - xy[2 * b + 1]!];
    return Math.sqrt(dx * dx + dy * dy) || NaN;
  });
}
