import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Mask R-CNN's keypoint loss: for each keypoint the cross-entropy between a softmax over all cells of its map and the keypoint's cell; the mean over
 * keypoints whose weight is not 0, and 0 if there are none.
 *
 * He et al., "Mask R-CNN", 2017, section 5; follows torchvision's `keypointrcnn_loss`.
 *
 * - `target`: [R, K] int32, the cell row · W + column (`roiKeypointTarget`); `weights`: [R, K]; `predicted`: logits [R, H, W, K].
 *
 * @throws RangeError when the shapes do not match.
 * @example oneHotKeypointLoss(cells, weights, network.apply([images, boxes], { training: true }) as tf.Tensor4D)
 */
export function oneHotKeypointLoss(target: Tensor2D, weights: Tensor2D, predicted: Tensor4D): Scalar {
  const [R, height, width, K] = predicted.shape;
  if (predicted.rank !== 4 || target.shape.join() !== `${R},${K}` || weights.shape.join() !== `${R},${K}`) {
    throw new RangeError(
      `oneHotKeypointLoss: predicted must be [R, H, W, K], target and weights [R, K]. Received: [${predicted.shape}], [${target.shape}], [${weights.shape}].`,
    );
  }
  return tf.tidy(() => {
    const logits = tf.reshape(tf.transpose(predicted, [0, 3, 1, 2]), [R * K, height * width]);
    // A cast in place of oneHot's dtype: with it, tfjs 4.22's wasm engine writes integers but declares floats.
    const chosen = tf.cast(tf.oneHot(tf.cast(tf.reshape(target, [R * K]), 'int32'), height * width), 'float32');
    const each = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), chosen), 1));
    const factors = tf.reshape(weights, [R * K]);
    const count = tf.maximum(tf.sum(tf.cast(tf.notEqual(factors, 0), 'float32')), 1);
    return tf.div(tf.sum(tf.mul(each, factors)), count) as Scalar;
  });
}
