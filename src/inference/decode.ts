import * as tf from '@tensorflow/tfjs-core';
import type { OperationOf } from '../graph';

/** x and y, each [N, K], in cells. */
type Cells = readonly [x: tf.Tensor, y: tf.Tensor];

/**
 * Decodes heatmaps [N, H, W, K] → [N, K, 3] on the device: x, y in pixels of the input, and the score. The rules are those of the decoders on arrays: the first
 * maximum, (0, 0) where it is not positive, a quarter offset only away from the border, and for soft-argmax the score of the nearest cell.
 */
export function decodeOnDevice(
  heatmaps: tf.Tensor4D,
  { beta, quarterOffset, stride }: OperationOf<'decode'>,
): tf.Tensor3D {
  const [batch, height, width, count] = heatmaps.shape;
  const cells = height * width;
  const flat = tf.reshape(tf.transpose(heatmaps, [0, 3, 1, 2]), [batch, count, cells]);
  const all = tf.reshape(flat, [batch * count * cells]);
  const starts = tf.reshape(tf.mul(tf.range(0, batch * count, 1, 'int32'), tf.scalar(cells, 'int32')), [batch, count]);
  const at = (index: tf.Tensor): tf.Tensor => tf.gather(all, tf.add(starts, index));
  const indexOf = ([x, y]: Cells): tf.Tensor => tf.cast(tf.add(tf.mul(y, width), x), 'int32');

  const hard = (): { cells: Cells; score: tf.Tensor } => {
    const index = tf.argMax(flat, 2);
    const score = at(index);
    const positive = tf.cast(tf.greater(score, 0), 'float32');
    const y = tf.floorDiv(index, tf.scalar(width, 'int32'));
    const x = tf.sub(index, tf.mul(y, tf.scalar(width, 'int32')));
    return { cells: [tf.mul(tf.cast(x, 'float32'), positive), tf.mul(tf.cast(y, 'float32'), positive)], score };
  };
  const soft = (sharpness: number): { cells: Cells; score: tf.Tensor } => {
    const weights = tf.reshape(tf.softmax(tf.mul(flat, sharpness)), [batch * count, cells]);
    const columns = Array.from({ length: cells }, (_, i) => [i % width, Math.floor(i / width)]);
    const xy = tf.matMul(weights as tf.Tensor2D, tf.tensor2d(columns));
    const [x, y] = tf.split(xy, 2, 1).map((each) => tf.reshape(each, [batch, count])) as [tf.Tensor, tf.Tensor];
    return { cells: [x, y], score: at(indexOf([tf.round(x), tf.round(y)])) };
  };
  const refined = ([x, y]: Cells): Cells => {
    const nearest = (value: tf.Tensor): tf.Tensor => tf.floor(tf.add(value, 0.5));
    const [px, py] = [nearest(x), nearest(y)];
    const inside = (value: tf.Tensor, size: number): tf.Tensor =>
      tf.logicalAnd(tf.greater(value, 1), tf.less(value, size - 1));
    const both = tf.cast(tf.logicalAnd(inside(px, width), inside(py, height)), 'float32');
    const index = tf.cast(indexOf([px, py]), 'float32'); // wasm clips floats only
    const neighbour = (step: number): tf.Tensor =>
      at(tf.cast(tf.clipByValue(tf.add(index, step), 0, cells - 1), 'int32'));
    const moved = (value: tf.Tensor, step: number): tf.Tensor =>
      tf.add(value, tf.mul(tf.mul(tf.sign(tf.sub(neighbour(step), neighbour(-step))), 0.25), both));
    return [moved(x, 1), moved(y, width)];
  };

  const found = beta === null ? hard() : soft(beta);
  const [x, y] = quarterOffset ? refined(found.cells) : found.cells;
  return tf.stack([tf.mul(x, stride[0]), tf.mul(y, stride[1]), found.score], 2) as tf.Tensor3D;
}
