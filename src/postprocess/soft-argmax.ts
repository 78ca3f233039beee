import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { assertSoftArgmax } from './soft-argmax-decoder';

export interface SoftArgmaxOptions {
  /** Sharpness β: 160 in the paper's evaluation. 0 averages all cells; large values tend to argmax. Default 160. */
  readonly beta?: number;
  /** Local variant: only cells within `radius` of the argmax, per axis. The choice itself has no gradient. Default: all. */
  readonly radius?: number;
}

/**
 * β-soft-argmax on the device, differentiable: the mean cell under `softmax(β·h)`.
 *
 * heatmaps [N, H, W, K] → [N, K, 2], (x, y) in cells, cell 0's middle being 0. On plain arrays: `softArgmaxDecoder`.
 * Of equal maxima the local variant takes the one that the engine's argMax does.
 *
 * Follows `softargmax2d` of github.com/zhang943/lpn-pytorch; Zhang et al. 2019, arxiv.org/abs/1911.10346, eq. 6.
 *
 * @throws RangeError when heatmaps have not four dimensions, or beta or radius cannot be used.
 * @example
 * const cells = softArgmax(heatmaps, { beta: 10 });
 * const loss = tf.losses.absoluteDifference(truth, cells);
 */
export function softArgmax(heatmaps: Tensor4D, { beta = 160, radius }: SoftArgmaxOptions = {}): Tensor3D {
  assertSoftArgmax(beta, radius);
  if (heatmaps.rank !== 4) {
    throw new RangeError(`softArgmax: heatmaps must be [N, H, W, K]. Received: [${heatmaps.shape.join(', ')}].`);
  }
  const [n, height, width, keypoints] = heatmaps.shape;
  return tf.tidy(() => {
    const rows = tf.reshape(tf.transpose(heatmaps, [0, 3, 1, 2]), [n * keypoints, height * width]) as Tensor2D;
    const cells = meanCell(rows, width, beta, radius);
    return tf.reshape(tf.add(cells, [(width - 1) / 2, (height - 1) / 2]), [n, keypoints, 2]) as Tensor3D;
  });
}

/**
 * Rows [R, H·W] → [R, 2], from the middle of the map, about which sums lose least. Its gradient in closed form:
 * `∂x̂/∂h(q) = β·p(q)·(x(q) − x̂)`.
 */
function meanCell(rows: Tensor2D, width: number, beta: number, radius: number | undefined): Tensor2D {
  const height = rows.shape[1] / width;
  const mean = tf.customGrad((x, save) => {
    const maps = x as Tensor2D;
    const peaks = tf.max(maps, 1, true);
    const raw = tf.exp(tf.mul(tf.sub(maps, peaks), beta));
    const weights = (radius === undefined ? raw : tf.mul(raw, nearPeak(maps, width, radius))) as Tensor2D;
    const [total, sums] = moments(weights, width);
    const p = tf.div(weights, total) as Tensor2D;
    const cells = tf.div(sums, total) as Tensor2D;
    (save as (tensors: Tensor2D[]) => void)([p, cells]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => {
      const [p, cells] = saved as [Tensor2D, Tensor2D];
      const along = tf.matMul(dy as Tensor2D, grid(height, width));
      const shared = tf.sum(tf.mul(dy, cells), 1, true);
      return tf.mul(tf.mul(p, tf.sub(along, shared)), beta);
    };
    return { value: cells, gradFunc };
  });
  return mean(rows) as Tensor2D;
}

/**
 * Weights [R, H·W] → their total [R, 1] and their sums of x and y [R, 2]: each row of the map first, then the column of
 * rows, since a single sum of thousands of terms loses four digits of float32.
 */
function moments(weights: Tensor2D, width: number): [total: Tensor2D, sums: Tensor2D] {
  const [R, cells] = weights.shape;
  const height = cells / width;
  const across = Float32Array.from({ length: 2 * width }, (_, i) => (i % 2 === 0 ? 1 : (i - 1) / 2 - (width - 1) / 2));
  const rows = tf.matMul(tf.reshape(weights, [R * height, width]), tf.tensor2d(across, [width, 2]));
  const down = new Float32Array(2 * height * 3);
  for (let y = 0; y < height; y++) down.set([1, 0, y - (height - 1) / 2, 0, 1, 0], 6 * y);
  const all = tf.matMul(tf.reshape(rows, [R, 2 * height]) as Tensor2D, tf.tensor2d(down, [2 * height, 3]));
  return [tf.slice(all, [0, 0], [-1, 1]), tf.slice(all, [0, 1], [-1, 2])] as [Tensor2D, Tensor2D];
}

/** [2, H·W]: the coordinates of each cell, from the middle of the map. */
function grid(height: number, width: number): Tensor2D {
  const coordinates = new Float32Array(2 * height * width);
  for (let cell = 0; cell < height * width; cell++) {
    coordinates[cell] = (cell % width) - (width - 1) / 2;
    coordinates[height * width + cell] = Math.floor(cell / width) - (height - 1) / 2;
  }
  return tf.tensor2d(coordinates, [2, height * width]);
}

/** 1 within `radius` cells of each row's argmax, 0 elsewhere. */
function nearPeak(rows: Tensor2D, width: number, radius: number): Tensor {
  const height = rows.shape[1] / width;
  const peak = tf.expandDims(tf.argMax(rows, 1), 1);
  const peakY = tf.floorDiv(peak, tf.scalar(width, 'int32'));
  const peakX = tf.sub(peak, tf.mul(peakY, tf.scalar(width, 'int32')));
  const [x, y] = tf.split(grid(height, width), 2, 0) as [Tensor, Tensor];
  const near = (axis: Tensor, at: Tensor, length: number): Tensor =>
    tf.lessEqual(tf.abs(tf.sub(axis, tf.sub(tf.cast(at, 'float32'), (length - 1) / 2))), radius);
  return tf.cast(tf.logicalAnd(near(x, peakX, width), near(y, peakY, height)), 'float32');
}
