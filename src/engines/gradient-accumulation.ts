import { add, dispose, div, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Optimizer, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

/**
 * One optimiser step from several small batches, where one large batch would not fit: the gradients are averaged, so that the
 * step equals that of the joined batch for losses that are means over batches of equal size. (BatchNorm still sees each batch
 * alone.) Only one batch's activations are in memory at a time.
 *
 * @param optimizer any TensorFlow.js optimiser.
 * @param losses one loss for each batch, called in turn.
 * @param variables what to train; default: all trainable variables that the losses use.
 * @returns the mean loss; the caller disposes it.
 * @throws RangeError without losses.
 *
 * @example
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
  let total: Total | null = null;
  for (const lossOf of losses) {
    const { value, grads } = variableGrads(lossOf, variables && [...variables]);
    const former: Total | null = total;
    total = former === null ? { loss: value, gradients: grads } : sum(former, { loss: value, gradients: grads });
    if (former !== null) dispose([former.loss, former.gradients, value, grads]);
  }
  const mean = <T extends Tensor>(x: T): T => tidy(() => div(x, losses.length));
  const gradients: NamedTensorMap = Object.fromEntries(
    Object.entries(total!.gradients).map(([name, gradient]) => [name, mean(gradient)]),
  );
  optimizer.applyGradients(gradients);
  const loss = mean(total!.loss);
  dispose([total!.loss, total!.gradients, gradients]);
  return loss;
}

interface Total {
  readonly loss: Scalar;
  readonly gradients: NamedTensorMap;
}

function sum(a: Total, b: Total): Total {
  const gradients = Object.fromEntries(
    Object.entries(a.gradients).map(([name, gradient]) => [name, tidy(() => add(gradient, b.gradients[name]!))]),
  );
  return { loss: tidy(() => add(a.loss, b.loss)), gradients };
}
