import * as tf from '@tensorflow/tfjs-core';

/**
 * @internal The rows of `table` [rows, C] named by `index` [n, taps], times `weights` [n, taps], summed over the taps: [n, C]. Every bilinear sampling of a map
 * reduces to this. The table has an exact gradient; the weights have one on request, at the cost of reading the rows again.
 */
export function weightedRows(
  table: tf.Tensor2D,
  index: tf.Tensor2D,
  weights: tf.Tensor2D,
  { weightGradient = false }: { weightGradient?: boolean } = {},
): tf.Tensor2D {
  const [rows, channels] = table.shape;
  const [count, taps] = index.shape;
  const flat = tf.reshape(index, [-1]) as tf.Tensor1D;
  const read = (from: tf.Tensor2D): tf.Tensor => tf.reshape(tf.gather(from, flat), [count, taps, channels]);
  const op = tf.customGrad((...args) => {
    const [input, factors, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    save([input, factors]);
    return {
      value: tf.sum(tf.mul(read(input), tf.reshape(factors, [count, taps, 1])), 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [from, by] = saved as [tf.Tensor2D, tf.Tensor2D];
        const each = tf.reshape(dy, [count, 1, channels]);
        const spread = tf.reshape(tf.mul(each, tf.reshape(by, [count, taps, 1])), [count * taps, channels]);
        return [
          tf.unsortedSegmentSum(spread, flat, rows),
          weightGradient ? tf.sum(tf.mul(read(from), each), 2) : tf.zerosLike(by),
        ];
      },
    };
  });
  return op(table, weights) as tf.Tensor2D;
}
