import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { mirrorOrder, type KeypointSet } from '../keypoints';

/**
 * The flip test: averages a prediction with the one for the mirrored input, turned back and with left and right
 * exchanged. On the device.
 *
 * heatmaps [N, H, W, K], mirrored [N, H, W, K] → [N, H, W, K]
 *
 * `shift` moves the turned-back maps one cell to the right (column 0 keeps its value), which undoes the misalignment of
 * an input aligned to edges: SHIFT_HEATMAP of the reference. Not needed with codecs aligned to centers.
 *
 * Follows `flip_back` and `validate` of github.com/leoxiaobin/deep-high-resolution-net.pytorch.
 *
 * @throws RangeError when the two shapes differ or K is not the set's.
 * @example
 * const mirrored = network.predict(tf.reverse(images, 2));
 * const averaged = flipAverage(network.predict(images), mirrored, COCO, { shift: true });
 */
export function flipAverage(
  heatmaps: Tensor4D,
  mirrored: Tensor4D,
  set: KeypointSet,
  { shift = false }: { readonly shift?: boolean } = {},
): Tensor4D {
  return tf.tidy(() => {
    if (heatmaps.rank !== 4 || heatmaps.shape.join() !== mirrored.shape.join()) {
      throw new RangeError(
        `flipAverage: both heatmaps must be [N, H, W, K]. Received: [${heatmaps.shape.join(', ')}] and [${mirrored.shape.join(', ')}].`,
      );
    }
    const back = flipBack(mirrored, set);
    return tf.mul(tf.add(heatmaps, shift ? shiftRight(back) : back), 0.5) as Tensor4D;
  });
}

/**
 * Heatmaps of a mirrored input as heatmaps of the input: columns reversed, left and right channels exchanged.
 *
 * heatmaps [N, H, W, K] → [N, H, W, K]
 *
 * @throws RangeError when K is not the set's.
 * @example
 * const heatmaps = flipBack(network.predict(tf.reverse(images, 2)), COCO);
 */
export function flipBack(mirrored: Tensor4D, set: KeypointSet): Tensor4D {
  if (mirrored.rank !== 4 || mirrored.shape[3] !== set.names.length) {
    throw new RangeError(
      `flipBack: heatmaps must be [N, H, W, K] with the ${set.names.length} keypoints of ${set.name}. ` +
        `Received: [${mirrored.shape.join(', ')}].`,
    );
  }
  return tf.tidy(() => {
    const order = tf.tensor1d([...mirrorOrder(set)], 'int32');
    return tf.gather(tf.reverse(mirrored, 2), order, 3) as Tensor4D;
  });
}

function shiftRight(heatmaps: Tensor4D): Tensor4D {
  const width = heatmaps.shape[2];
  const first = tf.slice(heatmaps, [0, 0, 0, 0], [-1, -1, 1, -1]);
  return tf.concat([first, tf.slice(heatmaps, [0, 0, 0, 0], [-1, -1, width - 1, -1])], 2);
}
