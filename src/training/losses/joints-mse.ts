import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { checkHeatmaps } from './check-shapes';

/** (w·(p − g))², [N, H·W, K]. */
export function weightedSquaredError(target: Tensor4D, weights: Tensor2D, predicted: Tensor4D): Tensor3D {
  const [batch, height, width, keypoints] = target.shape;
  const error = tf.mul(tf.sub(predicted, target), tf.reshape(weights, [batch, 1, 1, keypoints]));
  return tf.reshape(tf.square(error), [batch, height * width, keypoints]);
}

/**
 * The mean squared error of heatmaps, weighted by the keypoint weights: for each keypoint ½·mean over batch and pixels of
 * (w·p − w·g)², averaged over all keypoints.
 *
 * The weight multiplies prediction *and* target, so it is squared, and keypoints of weight 0 count in the
 * denominator: both as in the reference (JointsMSELoss of SimpleBaseline, HRNet and LPN).
 *
 * - `target`, `predicted`: [N, H, W, K]; `weights`: [N, K]. Returns a scalar that belongs to the caller.
 *
 * @throws RangeError when the shapes do not match.
 * @example
 * const { target, weights } = codec.encodeBatch(people);
 * const predicted = network.apply(images, { training: true }) as tf.Tensor4D;
 * jointsMse(target, weights, predicted);
 */
export function jointsMse(target: Tensor4D, weights: Tensor2D, predicted: Tensor4D): Scalar {
  checkHeatmaps('jointsMse', target, weights, predicted);
  return tf.tidy(() => tf.mul<Scalar>(0.5, tf.mean(weightedSquaredError(target, weights, predicted))));
}
