import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { stopGradient } from '../../engines';
import { checkHeatmaps } from './check-shapes';
import type { Loss } from './loss';

/** Options of {@link adaptiveWing}. */
export interface AdaptiveWingOptions {
  /** Height of the curved part. @defaultValue 14 */
  readonly omega?: number;
  /** Error at which the loss becomes linear. @defaultValue 0.5 */
  readonly theta?: number;
  /** Width of the curved part. @defaultValue 1 */
  readonly epsilon?: number;
  /** Exponent at the background; must exceed the largest target. @defaultValue 2.1 */
  readonly alpha?: number;
  /** Pixels at or near the peak (target ≥ 0.2 after a 3×3 dilation) have weight 1 + this; 0 for no extra weight. @defaultValue 10 */
  readonly foreground?: number;
}

/**
 * Adaptive wing loss of heatmaps, mean over batch, pixels and keypoints, each times its weight. With e = α − g and
 * d = |g − p|: ω·ln(1 + (d/ε)ᵉ) where d < θ, a·d − c beyond, which is smooth at θ: almost quadratic on the
 * background, steep near the peak.
 *
 * Wang et al., "Adaptive Wing Loss for Robust Face Alignment via Heatmap Regression", 2019,
 * https://arxiv.org/abs/1904.07399, with its weighted loss map.
 *
 * @throws RangeError when the shapes do not match.
 * @example
 * const loss = adaptiveWing({ foreground: 10 });
 * loss(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D);
 */
export function adaptiveWing(options: AdaptiveWingOptions = {}): Loss {
  const { omega = 14, theta = 0.5, epsilon = 1, alpha = 2.1, foreground = 10 } = options;
  return (target, weights, predicted) => {
    checkHeatmaps('adaptiveWing', target, weights, predicted);
    return tf.tidy(() => {
      const exponent = tf.sub(alpha, target);
      const power = tf.pow(theta / epsilon, exponent);
      const knee = tf.add(1, power);
      const slope = tf.mul(tf.div(tf.mul(exponent, power), knee), omega / theta);
      const offset = tf.sub(tf.mul(slope, theta), tf.mul(tf.log(knee), omega));

      const distance = tf.abs(tf.sub(target, predicted));
      const isNear = stopGradient(distance, (d) => tf.cast(tf.less(d, theta), 'float32'));
      const near = tf.mul(tf.log(tf.add(1, tf.pow(tf.div(distance, epsilon), exponent))), omega);
      const far = tf.sub(tf.mul(slope, distance), offset);
      const each = tf.add(tf.mul(isNear, near), tf.mul(tf.sub(1, isNear), far));
      const factors = tf.mul(
        tf.reshape(weights, [target.shape[0], 1, 1, target.shape[3]]),
        foreground === 0 ? 1 : lossMap(target, foreground),
      );
      return tf.mean(tf.mul(each, factors)) as Scalar;
    });
  };
}

function lossMap(target: Tensor4D, foreground: number): Tensor {
  const dilated = tf.maxPool(target, 3, 1, 'same');
  return tf.add(1, tf.mul(tf.cast(tf.greaterEqual(dilated, 0.2), 'float32'), foreground));
}
