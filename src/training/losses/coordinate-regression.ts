import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor3D } from '@tensorflow/tfjs-core';
import type { Loss } from './loss';

/** Options of {@link coordinateRegression}. */
export interface CoordinateRegressionOptions {
  /** Distance: `'l1'`, the better one in the paper, or `'l2'`, squared. @defaultValue `'l1'` */
  readonly norm?: 'l1' | 'l2';
}

/**
 * The loss of Integral Regression: distances between predicted and true coordinates, times the weights, summed over keypoints and axes, divided by the
 * batch size only.
 *
 * Sun et al., "Integral Human Pose Regression", 2018, https://arxiv.org/abs/1711.08229; follows github.com/JimmySuen/integral-human-pose.
 *
 * - `target`, `predicted`: [N, K, D], as from `coordinateCodec` and `integralRegression`; `weights`: [N, K].
 *
 * @throws RangeError when the shapes do not match.
 * @example
 * const { target, weights } = coordinateCodec({ inputSize: [256, 256] }).encodeBatch(people);
 * coordinateRegression()(target, weights, network.apply(images, { training: true }) as tf.Tensor3D);
 */
export function coordinateRegression({ norm = 'l1' }: CoordinateRegressionOptions = {}): Loss<Tensor3D, Tensor3D> {
  return (target, weights, predicted) => {
    const [batch, keypoints] = predicted.shape;
    if (target.shape.join() !== predicted.shape.join() || weights.shape.join() !== [batch, keypoints].join()) {
      throw new RangeError(
        `coordinateRegression: target must be [N, K, D] and weights [N, K] as predicted [${predicted.shape}]. ` +
          `Received: target [${target.shape}], weights [${weights.shape}].`,
      );
    }
    return tf.tidy(() => {
      const error = tf.sub(predicted, target);
      const distance = norm === 'l1' ? tf.abs(error) : tf.square(error);
      return tf.div(tf.sum(tf.mul(distance, tf.expandDims(weights, 2))), batch) as Scalar;
    });
  };
}
