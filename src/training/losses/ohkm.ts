import { knownOptions } from '../../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { stopGradient } from '../../engines';
import { checkHeatmaps } from './check-shapes';
import { weightedSquaredError } from './joints-mse';
import type { Loss } from './loss';

/** @internal 1 where a value is among the k largest of its row (the first of equal ones), else 0. [N, K] → [N, K]. */
export function largest(losses: Tensor2D, k: number): tf.Tensor {
  const { indices } = tf.topk<tf.Tensor>(losses, k);
  // A cast in place of oneHot's dtype: with it, tfjs 4.22's wasm engine writes integers but declares floats.
  return tf.sum(tf.cast(tf.oneHot(indices, losses.shape[1]), 'float32'), 1);
}

/**
 * Online hard keypoint mining: {@link jointsMse} over the `topK` hardest keypoints of each person.
 *
 * Each keypoint's ½·mean over pixels of (w·(p − g))²; the `topK` largest of a person are summed and divided by
 * `topK`; then the mean over the batch. Chen et al., "Cascaded Pyramid Network for Multi-Person Pose Estimation",
 * 2018, https://arxiv.org/abs/1711.07319; follows JointsOHKMMSELoss of HRNet.
 *
 * @throws RangeError when topK is not an integer from 1 to K, or the shapes do not match.
 * @example
 * const loss = ohkm({ topK: 8 });
 * optimizer.minimize(() => loss(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D));
 */
export function ohkm(
  options: {
    /** How many keypoints of each person count. @defaultValue 8 */
    readonly topK?: number;
  } = {},
): Loss {
  const { topK = 8 } = knownOptions('ohkm', options, ['topK']);
  if (!Number.isInteger(topK) || topK < 1) {
    throw new RangeError(`ohkm: topK must be a positive integer. Received: ${String(topK)}.`);
  }
  return (target, weights, predicted) => {
    checkHeatmaps('ohkm', target, weights, predicted);
    const keypoints = target.shape[3];
    if (!Number.isInteger(topK) || topK < 1 || topK > keypoints) {
      throw new RangeError(`ohkm: topK must be an integer from 1 to ${keypoints} keypoints. Received: ${topK}.`);
    }
    return tf.tidy(() => {
      const losses = tf.mean(weightedSquaredError(target, weights, predicted), 1) as Tensor2D;
      const hardest = stopGradient(losses, (values) => largest(values, topK));
      return tf.mul<Scalar>(0.5 / (topK * target.shape[0]), tf.sum(tf.mul(losses, hardest)));
    });
  };
}
