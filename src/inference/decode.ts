import * as tf from '@tensorflow/tfjs-core';
import type { OperationOf } from '../graph';
import { blurKernel, DARK_UDP } from '../postprocess';

/** x and y, each [N, K], in cells. */
type Cells = readonly [x: tf.Tensor, y: tf.Tensor];

/**
 * Decodes heatmaps [N, H, W, K] → [N, K, 3] on the device: x, y in pixels of the input, and the score. The rules are those of the decoders on arrays: the first
 * maximum, (0, 0) where it is not positive, a quarter offset only away from the border, and for soft-argmax the score of the nearest cell.
 */
export function decodeOnDevice(
  heatmaps: tf.Tensor4D,
  { beta, quarterOffset, darkUdp, stride }: OperationOf<'decode'>,
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

  const sharpened = ({ cells: [px, py], score }: { cells: Cells; score: tf.Tensor }, taps: number): Cells => {
    const kernel = tf.tensor1d(Float32Array.from(blurKernel(taps)));
    const maps = tf.reshape(flat, [batch * count, height, width, 1]) as tf.Tensor4D;
    const across = tf.conv2d(maps, tf.reshape(kernel, [1, taps, 1, 1]) as tf.Tensor4D, 1, 'same');
    const blurred = tf.conv2d(across, tf.reshape(kernel, [taps, 1, 1, 1]) as tf.Tensor4D, 1, 'same');
    const values = tf.reshape(blurred, [batch * count * cells]);
    const largest = tf.max(tf.reshape(blurred, [batch, count, cells]), 2);
    const counts = tf.logicalAnd(tf.greater(score, 0), tf.greater(largest, 0));
    const scale = tf.div(score, tf.where(counts, largest, tf.onesLike(largest)));
    const log = (dx: number, dy: number): tf.Tensor => {
      const column = tf.clipByValue(tf.add(px, dx), 0, width - 1);
      const row = tf.clipByValue(tf.add(py, dy), 0, height - 1);
      const value = tf.gather(values, tf.add(starts, indexOf([column, row])));
      return tf.log(tf.clipByValue(tf.mul(value, scale), DARK_UDP.lowest, DARK_UDP.highest));
    };
    const twice = tf.mul(log(0, 0), 2);
    const [right, left, below, above] = [log(1, 0), log(-1, 0), log(0, 1), log(0, -1)] as const;
    const [dx, dy] = [tf.div(tf.sub(right, left), 2), tf.div(tf.sub(below, above), 2)];
    const [along, beside] = [tf.add(right, left), tf.add(below, above)];
    const [dxx, dyy] = [along, beside].map((sum) => tf.add(tf.sub(sum, twice), DARK_UDP.epsilon)) as [tf.Tensor, tf.Tensor]; // prettier-ignore
    const dxy = tf.div(tf.add(tf.sub(tf.add(log(1, 1), log(-1, -1)), tf.add(along, beside)), twice), 2);
    const determinant = tf.sub(tf.mul(dxx, dyy), tf.mul(dxy, dxy));
    const moves = tf.logicalAnd(counts, tf.notEqual(determinant, 0));
    const divisor = tf.where(moves, determinant, tf.onesLike(determinant));
    const moved = (value: tf.Tensor, numerator: tf.Tensor, length: number): tf.Tensor =>
      tf.where(moves, tf.clipByValue(tf.sub(value, tf.div(numerator, divisor)), -1, length), value);
    return [
      moved(px, tf.sub(tf.mul(dyy, dx), tf.mul(dxy, dy)), width),
      moved(py, tf.sub(tf.mul(dxx, dy), tf.mul(dxy, dx)), height),
    ];
  };

  const found = beta === null ? hard() : soft(beta);
  const [x, y] = darkUdp !== undefined ? sharpened(found, darkUdp) : quarterOffset ? refined(found.cells) : found.cells;
  return tf.stack([tf.mul(x, stride[0]), tf.mul(y, stride[1]), found.score], 2) as tf.Tensor3D;
}
