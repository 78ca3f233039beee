import * as tf from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { softArgmax } from '../../postprocess';
import { coordinateRegression } from './coordinate-regression';
import type { Loss } from './loss';

/** Options of {@link softArgmaxRegression}. */
export interface SoftArgmaxRegressionOptions {
  /** Sharpness of the soft-argmax. @defaultValue 1, as in the paper */
  readonly beta?: number;
  /** Distance: `'l1'`, the better one in the paper, or `'l2'`. @defaultValue `'l1'` */
  readonly norm?: 'l1' | 'l2';
}

/**
 * Integral regression: the distance between the soft-argmax of the heatmaps and the true coordinates, as a fraction of the
 * map size, times the weights, summed over keypoints and axes, mean over the batch.
 *
 * Sun et al., "Integral Human Pose Regression", 2018, https://arxiv.org/abs/1711.08229; follows the authors' weighted L1.
 *
 * - `target`: true coordinates (x, y) in heatmap cells, [N, K, 2]; `weights`: [N, K]; `predicted`: heatmaps [N, H, W, K].
 *
 * @throws RangeError when the shapes do not match.
 * @example
 * const loss = softArgmaxRegression({ beta: 10 });
 * loss(cells, weights, network.apply(images, { training: true }) as tf.Tensor4D);
 */
export function softArgmaxRegression(options: SoftArgmaxRegressionOptions = {}): Loss<Tensor3D, Tensor4D> {
  const { beta = 1, norm = 'l1' } = options;
  return (target, weights, predicted) => {
    const [batch, height, width, keypoints] = predicted.shape;
    if (target.shape.join() !== [batch, keypoints, 2].join() || weights.shape.join() !== [batch, keypoints].join()) {
      throw new RangeError(
        `softArgmaxRegression: target must be [N, K, 2] and weights [N, K] for heatmaps [${predicted.shape}]. ` +
          `Received: target [${target.shape}], weights [${weights.shape}].`,
      );
    }
    return tf.tidy(() => {
      const [found, wanted] = [softArgmax(predicted, { beta }), target].map((x) => tf.div(x, [width, height]));
      return coordinateRegression({ norm })(wanted as Tensor3D, weights, found as Tensor3D);
    });
  };
}
