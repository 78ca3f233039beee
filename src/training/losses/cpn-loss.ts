import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { stopGradient } from '../../engines';
import { checkHeatmaps } from './check-shapes';
import type { Loss } from './loss';
import { largest } from './ohkm';

/** Options of {@link cpnLoss}. */
export interface CpnLossOptions {
  /** Number of hardest keypoints per person that train RefineNet; `'all'` is the network without OHKM. @defaultValue 8 */
  readonly topK?: number | 'all';
  /** How the levels of GlobalNet are combined: averaged, as in tf-cpn, or summed, as in the PyTorch port. @defaultValue `'mean'` */
  readonly levels?: 'mean' | 'sum';
}

/**
 * The loss of the Cascaded Pyramid Network: ½·mean squared error of GlobalNet's heatmaps on every level, and the error of RefineNet's on the `topK` hardest keypoints of each
 * person. Weights are *visibilities*: GlobalNet trains on visible keypoints (2) with zero maps for the others, RefineNet on all labelled ones (1 and 2).
 *
 * GlobalNet: mean over levels of ½·mean((p − g)²). RefineNet: for each keypoint the mean over pixels of (p − g)², 0 where unlabelled; the `topK` largest of a
 * person are summed and divided by topK; then the mean over the batch, without the ½ of {@link ohkm}.
 *
 * Chen et al., "Cascaded Pyramid Network for Multi-Person Pose Estimation", 2018, https://arxiv.org/abs/1711.07319; follows github.com/chenyilun95/tf-cpn.
 *
 * - `target`: a map [N, H, W, K] per level, coarse to fine, from `cpnCodec`; the first is also RefineNet's. `weights`: visibilities [N, K];
 *   `predicted`: as from `cpn`: the levels, then the refined map.
 *
 * @throws RangeError when there is not exactly one more map than targets, topK is not an integer from 1 to K, or the shapes do not match.
 * @example
 * const { target, weights } = cpnCodec({ inputSize: [192, 256], heatmapSize: [48, 64] }).encodeBatch(people);
 * cpnLoss()(target, weights, network.apply(images, { training: true }) as tf.Tensor4D[]);
 */
export function cpnLoss({ topK = 8, levels = 'mean' }: CpnLossOptions = {}): Loss<
  readonly Tensor4D[],
  readonly Tensor4D[]
> {
  return (target, visibility, predicted) => {
    if (target.length === 0 || predicted.length !== target.length + 1) {
      throw new RangeError(
        `cpnLoss: predicted must be one map per target and the refined map. Received: ${predicted.length} maps, ${target.length} targets.`,
      );
    }
    const refined = predicted.at(-1)!;
    target.forEach((map, level) => checkHeatmaps('cpnLoss', map, visibility, predicted[level]!));
    checkHeatmaps('cpnLoss', target[0]!, visibility, refined);
    const keypoints = visibility.shape[1];
    if (topK !== 'all' && !(Number.isInteger(topK) && topK >= 1 && topK <= keypoints)) {
      throw new RangeError(`cpnLoss: topK must be 'all' or an integer from 1 to ${keypoints}. Received: ${topK}.`);
    }
    return tf.tidy(() => {
      const visible = tf.cast(tf.greater(visibility, 1.1), 'float32');
      const labelled = tf.cast(tf.greater(visibility, 0.1), 'float32');
      const seen = tf.reshape(visible, [-1, 1, 1, keypoints]);
      const global = target.map((map, level) => tf.mean(tf.square(tf.sub(predicted[level]!, tf.mul(map, seen)))));
      const factor = levels === 'mean' ? 0.5 / target.length : 0.5;
      const each = tf.mul(tf.mean(tf.square(tf.sub(refined, target[0]!)), [1, 2]), labelled) as Tensor2D;
      return tf.add<Scalar>(tf.mul(tf.addN(global), factor), topK === 'all' ? tf.mean(each) : hardest(each, topK));
    });
  };
}

function hardest(each: Tensor2D, topK: number): Scalar {
  const chosen = stopGradient(each, (values) => largest(values, topK));
  return tf.div<Scalar>(tf.sum(tf.mul(each, chosen)), topK * each.shape[0]);
}
