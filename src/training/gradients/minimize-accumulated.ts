import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer, Scalar, Variable } from '@tensorflow/tfjs-core';
import { gradientAccumulator } from './gradients';

/**
 * One optimiser step from several small batches, for a batch that does not fit into memory. The gradients are averaged, so the
 * step equals that of the joined batch for losses that are means over batches of equal size. (Batch normalisation still sees each batch
 * separately.) Only one batch's activations are in memory at a time.
 *
 * @param optimizer any TensorFlow.js optimiser.
 * @param losses one loss function per batch, called in turn.
 * @param variables the variables to train. @defaultValue all trainable variables that the losses use
 * @returns the mean loss; the caller disposes it.
 * @throws RangeError when `losses` is empty.
 *
 * @example
 * import { minimizeAccumulated } from 'poseblocks/training';
 * const loss = minimizeAccumulated(tf.train.adam(1e-3), [() => lossOf(first), () => lossOf(second)]);
 * console.log((await loss.data())[0]);
 * loss.dispose();
 */
export function minimizeAccumulated(
  optimizer: Optimizer,
  losses: readonly (() => Scalar)[],
  variables?: readonly Variable[],
): Scalar {
  if (losses.length === 0)
    throw new RangeError('minimizeAccumulated: losses must hold at least one function. Received: none.');
  const accumulator = gradientAccumulator();
  const values: Scalar[] = [];
  try {
    for (const lossOf of losses) {
      const { value, grads } = tf.variableGrads(lossOf, variables && [...variables]);
      values.push(value);
      accumulator.add(grads);
    }
    const gradients = accumulator.take();
    optimizer.applyGradients(gradients);
    tf.dispose(gradients);
    return tf.tidy(() => tf.div(tf.addN(values), values.length));
  } finally {
    tf.dispose(values);
    accumulator.dispose();
  }
}
