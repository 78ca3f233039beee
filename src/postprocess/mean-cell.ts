import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/** Size of a map, or of a volume if it has a depth: its cells are stored row by row, slice by slice. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
  readonly depth?: number;
}

/**
 * @internal The mean cell of each row under `softmax(β·h)`: rows [R, (D·)H·W] → [R, 2], or [R, 3] of a volume, as x, y, z relative to the centre, where sums
 * are most accurate. With a radius, only cells within it of the row's argmax count. The gradient is in closed form: `∂x̂/∂h(q) = β·p(q)·(x(q) − x̂)`.
 */
export function meanCell(rows: Tensor2D, size: MapSize, beta: number, radius?: number): Tensor2D {
  const mean = tf.customGrad((x, save) => {
    const maps = x as Tensor2D;
    const peaks = tf.max(maps, 1, true);
    const raw = tf.exp(tf.mul(tf.sub(maps, peaks), beta));
    const weights = (radius ? tf.mul(raw, nearPeak(maps, size, radius)) : raw) as Tensor2D;
    const [total, sums] = moments(weights, size);
    const p = tf.div(weights, total) as Tensor2D;
    const cells = tf.div(sums, total) as Tensor2D;
    (save as (tensors: Tensor2D[]) => void)([p, cells]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor => {
      const [p, cells] = saved as [Tensor2D, Tensor2D];
      const along = tf.matMul(dy as Tensor2D, grid(size));
      const shared = tf.sum(tf.mul(dy, cells), 1, true);
      return tf.mul(tf.mul(p, tf.sub(along, shared)), beta);
    };
    return { value: cells, gradFunc };
  });
  return mean(rows) as Tensor2D;
}

/**
 * Weights [R, (D·)H·W] → their total [R, 1] and their sums of each coordinate [R, 2 or 3]: rows of the map first, then the column of
 * rows, then the slices, since a single sum of thousands of terms loses four digits of float32.
 */
function moments(weights: Tensor2D, { height, width, depth }: MapSize): [total: Tensor2D, sums: Tensor2D] {
  const across = Float32Array.from({ length: 2 * width }, (_, i) => (i % 2 === 0 ? 1 : (i - 1) / 2 - (width - 1) / 2));
  const rows = tf.matMul(tf.reshape(weights, [-1, width]) as Tensor2D, tf.tensor2d(across, [width, 2]));
  let all = tf.matMul(tf.reshape(rows, [-1, 2 * height]) as Tensor2D, nextMoment(height, 2));
  if (depth) all = tf.matMul(tf.reshape(all, [-1, 3 * depth]) as Tensor2D, nextMoment(depth, 3));
  return [tf.slice(all, [0, 0], [-1, 1]), tf.slice(all, [0, 1], [-1, -1])] as [Tensor2D, Tensor2D];
}

/** Sums `length` neighbours of `count` moments each, the first of which is their total, and appends the moment of the total: [length·count, count + 1]. */
function nextMoment(length: number, count: number): Tensor2D {
  const matrix = new Float32Array(length * count * (count + 1));
  for (let i = 0; i < length; i++) {
    for (let m = 0; m < count; m++) matrix[(i * count + m) * (count + 1) + m] = 1;
    matrix[i * count * (count + 1) + count] = i - (length - 1) / 2;
  }
  return tf.tensor2d(matrix, [length * count, count + 1]);
}

/** [2 or 3, cells]: the coordinates x, y, z of each cell, relative to the centre of the map. */
function grid({ height, width, depth }: MapSize): Tensor2D {
  const cells = height * width * (depth ?? 1);
  const axes = depth ? 3 : 2;
  const coordinates = new Float32Array(axes * cells);
  for (let cell = 0; cell < cells; cell++) {
    coordinates[cell] = (cell % width) - (width - 1) / 2;
    coordinates[cells + cell] = (Math.floor(cell / width) % height) - (height - 1) / 2;
    if (depth) coordinates[2 * cells + cell] = Math.floor(cell / (width * height)) - (depth - 1) / 2;
  }
  return tf.tensor2d(coordinates, [axes, cells]);
}

/** 1 within `radius` cells of each row's argmax, 0 elsewhere. */
function nearPeak(rows: Tensor2D, { height, width }: MapSize, radius: number): Tensor {
  const peak = tf.expandDims(tf.argMax(rows, 1), 1);
  const columns = tf.scalar(width, 'int32');
  const peakY = tf.floorDiv(peak, columns);
  const peakX = tf.sub(peak, tf.mul(peakY, columns));
  const [x, y] = tf.split(grid({ height, width }), 2, 0) as [Tensor, Tensor];
  const near = (axis: Tensor, at: Tensor, length: number): Tensor =>
    tf.lessEqual(tf.abs(tf.sub(axis, tf.sub(tf.cast(at, 'float32'), (length - 1) / 2))), radius);
  return tf.cast(tf.logicalAnd(near(x, peakX, width), near(y, peakY, height)), 'float32');
}
