import * as tf from '@tensorflow/tfjs-core';
import type { Box, Keypoints } from '../keypoints';
import { sameCount } from './heatmap-batch';

/** One cell per keypoint and box: `cells` [R, K] int32, row · size + column; `weights` [R, K], 1 where the keypoint is labelled and inside its box. */
export interface RoiKeypointTarget {
  readonly cells: tf.Tensor2D;
  readonly weights: tf.Tensor2D;
}

/**
 * The target of Mask R-CNN's keypoint head: for each person and box, the cell of a `size`×`size` map that contains each keypoint, ⌊(x − x₁) · size / w⌋; the
 * right and lower edges belong to the last cell. Keypoints that are unlabelled or outside their box have weight 0 and cell 0.
 *
 * Follows torchvision's `keypoints_to_heatmap`. The tensors belong to the caller.
 *
 * @param boxes `[x, y, width, height]` in pixels of the image, one per person
 * @throws RangeError when the numbers of boxes and people differ, a box has no extent, or there are no people; TypeError when a frame is not `image`.
 * @example const { cells, weights } = roiKeypointTarget(people, boxes); // oneHotKeypointLoss(cells, weights, logits)
 */
export function roiKeypointTarget(
  people: readonly Keypoints<'image'>[],
  boxes: readonly Box[],
  { size = 56 }: { readonly size?: number } = {},
): RoiKeypointTarget {
  const K = sameCount('roiKeypointTarget', people);
  if (boxes.length !== people.length) {
    throw new RangeError(
      `roiKeypointTarget: there must be a box for each person. Received: ${boxes.length} boxes, ${people.length} people.`,
    );
  }
  if (!(Number.isInteger(size) && size > 0)) {
    throw new RangeError(`roiKeypointTarget: size must be a positive integer. Received: ${size}.`);
  }
  const cells = new Int32Array(people.length * K);
  const weights = new Float32Array(people.length * K);
  people.forEach(({ frame, xy, score }, r) => {
    const [x1, y1, width, height] = boxes[r]!;
    if (frame !== 'image') {
      throw new TypeError(
        `roiKeypointTarget: keypoints must be in the image frame. Received: frame "${String(frame)}".`,
      );
    }
    if (!(width > 0 && height > 0)) {
      throw new RangeError(
        `roiKeypointTarget: boxes must be [x, y, width, height] with positive width and height. Received: [${boxes[r]!.join(', ')}].`,
      );
    }
    const cell = (value: number, from: number, length: number): number =>
      value === from + length ? size - 1 : Math.floor((value - from) * (size / length));
    for (let k = 0; k < K; k++) {
      const [column, row] = [cell(xy[2 * k]!, x1, width), cell(xy[2 * k + 1]!, y1, height)];
      const inside = column >= 0 && column < size && row >= 0 && row < size;
      if (!inside || !(score[k]! > 0)) continue;
      cells[r * K + k] = row * size + column;
      weights[r * K + k] = 1;
    }
  });
  const shape: [number, number] = [people.length, K];
  return { cells: tf.tensor2d(cells, shape, 'int32'), weights: tf.tensor2d(weights, shape) };
}
