import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { meanCell } from './mean-cell';
import { assertSoftArgmax } from './soft-argmax-decoder';

/** Options of {@link softArgmax}. */
export interface SoftArgmaxOptions {
  /** Sharpness β: 160 in the paper's evaluation. 0 averages all cells; large values approach argmax. @defaultValue 160 */
  readonly beta?: number;
  /** Local variant: only cells within `radius` of the argmax, per axis. Choosing the cells has no gradient. @defaultValue all cells */
  readonly radius?: number;
}

/**
 * β-soft-argmax on the device, differentiable: the mean cell under `softmax(β·h)`.
 *
 * heatmaps [N, H, W, K] → [N, K, 2], (x, y) in cells, with 0 at the centre of the first cell. On plain arrays: `softArgmaxDecoder`.
 * Among equal maxima the local variant takes the one that the engine's argMax returns.
 *
 * Follows `softargmax2d` of github.com/zhang943/lpn-pytorch; Zhang et al. 2019, arxiv.org/abs/1911.10346, eq. 6.
 *
 * @throws RangeError when heatmaps do not have four dimensions, or beta or radius is invalid.
 * @example
 * const cells = softArgmax(heatmaps, { beta: 10 });
 * const loss = tf.losses.absoluteDifference(truth, cells);
 */
export function softArgmax(heatmaps: Tensor4D, { beta = 160, radius }: SoftArgmaxOptions = {}): Tensor3D {
  assertSoftArgmax(beta, radius);
  if (heatmaps?.rank !== 4) {
    throw new RangeError(
      `softArgmax: heatmaps must be a tensor [N, H, W, K]. Received: [${heatmaps?.shape}]. On arrays: softArgmaxDecoder.`,
    );
  }
  const [n, height, width, keypoints] = heatmaps.shape;
  return tf.tidy(() => {
    const rows = tf.reshape(tf.transpose(heatmaps, [0, 3, 1, 2]), [n * keypoints, height * width]) as Tensor2D;
    const cells = meanCell(rows, { height, width }, beta, radius);
    return tf.reshape(tf.add(cells, [(width - 1) / 2, (height - 1) / 2]), [n, keypoints, 2]) as Tensor3D;
  });
}
