import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { AxisPair } from '../../targets';
import type { Loss } from './loss';

/**
 * Kullback–Leibler divergence of SimCC's one-dimensional labels from the softmax of its scores: mean over the bins, times
 * the weights, mean over batch and keypoints, sum over the two axes. Labels need not sum to 1.
 *
 * Li et al., "SimCC: a Simple Coordinate Classification Perspective for Human Pose Estimation", 2022,
 * https://arxiv.org/abs/2107.03332; follows the authors' KLDiscretLoss.
 *
 * - `target`: `[x, y]`, labels ≥ 0, [N, K, bins]; `predicted`: `[x, y]`, scores before the softmax; `weights`: [N, K].
 *
 * @throws RangeError when the shapes do not match.
 * @example
 * const loss = simccKl({ beta: 10 });
 * loss([labelsX, labelsY], weights, network.apply(images, { training: true }) as [tf.Tensor3D, tf.Tensor3D]);
 */
export function simccKl({
  beta = 1,
}: {
  /** Factor on the scores (RTMPose: 10). @defaultValue 1 */
  readonly beta?: number;
} = {}): Loss<AxisPair, AxisPair> {
  return (target, weights, predicted) => {
    check(target, weights, predicted);
    return tf.tidy(() => {
      const axes = target.map((label, axis) => divergence(label, tf.mul(predicted[axis]!, beta), weights));
      return tf.addN(axes) as Scalar;
    });
  };
}

function divergence(label: Tensor3D, scores: Tensor, weights: Tensor2D): Tensor {
  const entropy = tf.mul(label, tf.log(tf.maximum(label, 1e-30))); // 0·log 0 = 0
  const each = tf.sub(entropy, tf.mul(label, tf.logSoftmax(scores)));
  return tf.mean(tf.mul(tf.mean(each, -1), weights));
}

function check(target: AxisPair, weights: Tensor2D, predicted: AxisPair): void {
  for (const [axis, name] of ['x', 'y'].entries()) {
    const [label, scores] = [target[axis], predicted[axis]];
    if (label === undefined || scores === undefined || label.shape.join() !== scores.shape.join()) {
      throw new RangeError(
        `simccKl: target and predicted must be [x, y] of equal shapes [N, K, bins]. ` +
          `Received for ${name}: [${label?.shape}], [${scores?.shape}].`,
      );
    }
    if (weights.shape.join() !== label.shape.slice(0, 2).join()) {
      throw new RangeError(
        `simccKl: weights must be [N, K] = [${label.shape.slice(0, 2)}]. Received: [${weights.shape}].`,
      );
    }
  }
}
