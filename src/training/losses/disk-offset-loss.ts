import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { stopGradient } from '../../engines';
import { splitOffsetChannels, type OffsetOrder } from '../../postprocess';
import type { Loss } from './loss';

/** Options of {@link diskOffsetLoss}. */
export interface DiskOffsetLossOptions {
  /** Weight λ of the heatmap loss. @defaultValue 4, as in the paper */
  readonly heatmaps?: number;
  /** Weight λ of the offset loss. @defaultValue 1 */
  readonly offsets?: number;
  /** Distance in pixels at which the Huber loss becomes linear. @defaultValue 1 */
  readonly delta?: number;
  /**
   * `'mean'`: mean over positions, for offsets over positions in disks. `'sum'`: sum over positions, mean over the batch, as the paper writes it; heatmaps then weigh
   * more relative to offsets, by the ratio of all positions to positions in disks. `'sum'` learned faster on synthetic people. @defaultValue `'mean'`
   */
  readonly reduction?: 'mean' | 'sum';
  /** Order of the channels, as in the codec. @defaultValue 'planar' */
  readonly order?: OffsetOrder;
}

/**
 * The loss of G-RMI: logistic loss of the disk heatmaps' logits, and Huber loss of the distance between predicted and true offset, inside the disks only.
 *
 * Papandreou et al., "Towards Accurate Multi-person Pose Estimation in the Wild", 2017, https://arxiv.org/abs/1701.01779, section 2.3. The paper does not
 * state how its sums are normalised; `'mean'` is our choice.
 *
 * - `target`: disks and offsets [N, H, W, 3K] of `diskOffsetCodec`; `weights`: [N, K], 0 for an unlabelled keypoint, which adds no loss but counts
 *   in the denominator; `predicted`: [N, H, W, 3K] of `grmi`, or `[auxiliary heatmaps [N, H, W, K], that]`, each with a loss of its own.
 *
 * @throws RangeError when delta is not positive; the loss throws it when the shapes do not match.
 * @example
 * const { target, weights } = diskOffsetCodec({ inputSize: [257, 353] }).encodeBatch(people);
 * diskOffsetLoss()(target, weights, network.apply(images, { training: true }) as tf.Tensor4D);
 */
export function diskOffsetLoss({
  heatmaps: heatmapFactor = 4,
  offsets: offsetFactor = 1,
  delta = 1,
  reduction = 'mean',
  order = 'planar',
}: DiskOffsetLossOptions = {}): Loss<Tensor4D, Tensor4D | readonly Tensor4D[]> {
  if (!(delta > 0 && Number.isFinite(delta))) {
    throw new RangeError(`diskOffsetLoss: delta must be positive, in pixels. Received: ${delta}.`);
  }
  return (target, weights, predicted) => {
    const maps = Array.isArray(predicted) ? (predicted as readonly Tensor4D[]) : [predicted as Tensor4D];
    const main = maps.at(-1)!;
    const [batch, height, width] = target.shape;
    const keypoints = weights.shape[1]!;
    const auxiliary = maps.length === 2 ? maps[0] : undefined;
    const fits = (map: Tensor4D, channels: number): boolean =>
      map.shape.join() === [batch, height, width, channels].join();
    if (!fits(target, 3 * keypoints) || !fits(main, 3 * keypoints) || maps.length > 2) {
      throw new RangeError(
        `diskOffsetLoss: target and predicted must be [N, H, W, 3K] for weights [${weights.shape}]. ` +
          `Received: target [${target.shape}], predicted ${maps.map(({ shape }) => `[${shape}]`).join(', ')}.`,
      );
    }
    if (auxiliary && !fits(auxiliary, keypoints)) {
      throw new RangeError(
        `diskOffsetLoss: auxiliary heatmaps must be [N, H, W, K]. Received: [${auxiliary.shape}] for target [${target.shape}].`,
      );
    }
    return tf.tidy(() => {
      const [disk, trueX, trueY] = splitOffsetChannels(target, order);
      const [logits, x, y] = splitOffsetChannels(main, order);
      const weight = tf.reshape(weights, [batch, 1, 1, keypoints]);
      const positions = reduction === 'mean' ? disk.size : batch;
      const logistic = (z: Tensor): Tensor =>
        tf.div(tf.sum(tf.mul(weight, tf.sub(tf.softplus(z), tf.mul(z, disk)))), positions);
      const inside = tf.mul(disk, weight);
      const pixels = reduction === 'mean' ? tf.maximum(tf.sum(inside), 1) : tf.scalar(batch);
      const distance = huber(tf.sub(x, trueX), tf.sub(y, trueY), delta);
      const offset = tf.div(tf.sum(tf.mul(inside, distance)), pixels);
      const heat = auxiliary ? tf.add(logistic(logits), logistic(auxiliary)) : logistic(logits);
      return tf.add<Scalar>(tf.mul(heat, heatmapFactor), tf.mul(offset, offsetFactor));
    });
  };
}

/** With r = |(dx, dy)|: ½r² below δ, δ·(r − ½δ) beyond. The root is never computed near 0, where its gradient is infinite. */
function huber(dx: Tensor, dy: Tensor, delta: number): Tensor {
  const square = tf.add(tf.square(dx), tf.square(dy)) as Tensor2D;
  const near = stopGradient(square, (s) => tf.cast(tf.less(s, delta * delta), 'float32'));
  const far = tf.sub(1, near);
  const root = tf.sqrt(tf.add(tf.mul(square, far), tf.mul(near, delta * delta)));
  const line = tf.mul(tf.sub(root, delta / 2), delta);
  return tf.add(tf.mul(near, tf.mul(square, 0.5)), tf.mul(far, line));
}
