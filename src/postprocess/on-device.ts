import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { assertKernel, blurKernel } from './blur';

/**
 * {@link argmax} on the device: heatmaps [N, H, W, K] → [N, K, 3], (x, y) in cells and the score, so that only these are
 * read back. The engine chooses among equal maxima; NaN is not checked.
 *
 * @throws RangeError when heatmaps do not have four dimensions.
 * @example
 * const found = argmaxOnDevice(heatmaps);
 * const [x, y, score] = (await found.array())[0]![0]!;
 */
export function argmaxOnDevice(heatmaps: Tensor4D): Tensor3D {
  return decode('argmaxOnDevice', heatmaps, (peaks) => [peaks.x, peaks.y]);
}

/**
 * {@link quarterOffset} on the device: heatmaps [N, H, W, K] → [N, K, 3], (x, y) in cells and the score.
 *
 * @throws RangeError when heatmaps do not have four dimensions.
 * @example
 * const found = quarterOffsetOnDevice(heatmaps); // [N, K, 3]
 */
export function quarterOffsetOnDevice(heatmaps: Tensor4D): Tensor3D {
  return decode('quarterOffsetOnDevice', heatmaps, ({ x, y, at, width, height }) => {
    const inside = tf.cast(tf.logicalAnd(between(x, 1, width - 1), between(y, 1, height - 1)), 'float32');
    const step = (dx: number, dy: number): Tensor => tf.sign(tf.sub(at(dx, dy), at(-dx, -dy)));
    const move = (coordinate: Tensor, sign: Tensor): Tensor => tf.add(coordinate, tf.mul(tf.mul(sign, 0.25), inside));
    return [move(x, step(1, 0)), move(y, step(0, 1))];
  });
}

/**
 * {@link dark} on the device: heatmaps [N, H, W, K] → [N, K, 3], (x, y) in cells and the score. The whole map is blurred.
 *
 * @throws RangeError when heatmaps do not have four dimensions, or `kernelSize` is not odd and positive.
 * @example
 * const found = darkOnDevice(heatmaps); // [N, K, 3]
 */
export function darkOnDevice(heatmaps: Tensor4D, { kernelSize = 11 }: { readonly kernelSize?: number } = {}): Tensor3D {
  assertKernel('darkOnDevice', kernelSize);
  const logOfBlurred = (rows: Tensor2D, width: number): Tensor2D => {
    const kernel = tf.tensor1d(Float32Array.from(blurKernel(kernelSize)));
    const maps = tf.reshape(rows, [rows.shape[0], rows.shape[1] / width, width, 1]) as Tensor4D;
    const down = tf.conv2d(maps, tf.reshape(kernel, [kernelSize, 1, 1, 1]) as Tensor4D, 1, 'same');
    const both = tf.conv2d(down, tf.reshape(kernel, [1, kernelSize, 1, 1]) as Tensor4D, 1, 'same');
    const blurred = tf.reshape(both, rows.shape);
    const scale = tf.div(tf.max(rows, 1, true), tf.max(blurred, 1, true));
    return tf.log(tf.maximum(tf.mul(blurred, scale), 1e-10)) as Tensor2D;
  };
  const taylor = ({ x, y, at, width, height }: Peaks): [Tensor, Tensor] => {
    const inside = tf.logicalAnd(between(x, 1, width - 2), between(y, 1, height - 2));
    const middle = at(0, 0);
    const slope = (dx: number, dy: number): Tensor => tf.div(tf.sub(at(dx, dy), at(-dx, -dy)), 2);
    const bend = (dx: number, dy: number): Tensor =>
      tf.div(tf.add(tf.sub(at(2 * dx, 2 * dy), tf.mul(middle, 2)), at(-2 * dx, -2 * dy)), 4);
    const [gx, gy] = [slope(1, 0), slope(0, 1)];
    const [xx, yy] = [bend(1, 0), bend(0, 1)];
    const xy = tf.div(tf.sub(tf.add(at(1, 1), at(-1, -1)), tf.add(at(1, -1), at(-1, 1))), 4);
    const determinant = tf.sub(tf.mul(xx, yy), tf.mul(xy, xy));
    const moves = tf.logicalAnd(inside, tf.notEqual(determinant, 0));
    const divisor = tf.where(moves, determinant, tf.onesLike(determinant));
    const move = (coordinate: Tensor, numerator: Tensor): Tensor => {
      const step = tf.clipByValue(tf.div(numerator, divisor), -1, 1);
      return tf.add(coordinate, tf.where(moves, step, tf.zerosLike(step)));
    };
    return [move(x, tf.sub(tf.mul(xy, gy), tf.mul(yy, gx))), move(y, tf.sub(tf.mul(xy, gx), tf.mul(xx, gy)))];
  };
  return decode('darkOnDevice', heatmaps, taylor, logOfBlurred);
}

/** The maxima of R maps, each tensor [R]. `at(dx, dy)` reads the map next to the peak; beyond the map it reads some other cell. */
interface Peaks {
  readonly x: Tensor1D;
  readonly y: Tensor1D;
  readonly width: number;
  readonly height: number;
  readonly at: (dx: number, dy: number) => Tensor;
}

function decode(
  where: string,
  heatmaps: Tensor4D,
  refine: (peaks: Peaks) => [x: Tensor, y: Tensor],
  read: (rows: Tensor2D, width: number) => Tensor2D = (rows) => rows,
): Tensor3D {
  if (heatmaps.rank !== 4) {
    throw new RangeError(`${where}: heatmaps must be [N, H, W, K]. Received: [${heatmaps.shape.join(', ')}].`);
  }
  const [N, height, width, K] = heatmaps.shape;
  return tf.tidy(() => {
    const R = N * K;
    const cells = height * width;
    const rows = tf.reshape(tf.transpose(heatmaps, [0, 3, 1, 2]), [R, cells]) as Tensor2D;
    const score = tf.max(rows, 1) as Tensor1D;
    // The reference's rule: a map without a positive value gives cell 0, which is never refined.
    const positive = tf.cast(tf.greater(score, 0), 'int32');
    const cell = tf.mul(tf.cast(tf.argMax(rows, 1), 'int32'), positive);
    const row = tf.floorDiv(cell, tf.scalar(width, 'int32'));
    const y = tf.cast(row, 'float32') as Tensor1D;
    const x = tf.cast(tf.sub(cell, tf.mul(row, tf.scalar(width, 'int32'))), 'float32') as Tensor1D;
    const flat = tf.reshape(read(rows, width), [R * cells]);
    const first = tf.mul(tf.range(0, R, 1, 'int32'), tf.scalar(cells, 'int32'));
    const at = (dx: number, dy: number): Tensor => {
      const beside = tf.cast(tf.add(cell, tf.scalar(dy * width + dx, 'int32')), 'float32'); // wasm clips floats only
      return tf.gather(flat, tf.add(first, tf.cast(tf.clipByValue(beside, 0, cells - 1), 'int32')) as Tensor1D);
    };
    const found = tf.stack([...refine({ x, y, width, height, at }), score], 1);
    return tf.reshape(found, [N, K, 3]) as Tensor3D;
  });
}

/** Strict: low < value < high. */
function between(value: Tensor, low: number, high: number): Tensor {
  return tf.logicalAnd(tf.greater(value, low), tf.less(value, high));
}
