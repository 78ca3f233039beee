import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * The variables of the network that an optimiser may change: all but those of frozen layers.
 *
 * @example tf.variableGrads(loss, trainableVariables(network))
 */
export function trainableVariables(network: LayersModel): Variable[] {
  return network.trainableWeights.map((weight) => weight.read() as Variable);
}

/** Gradients are not shared: inputs are not disposed, and results belong to the caller. */
const mapped = (gradients: NamedTensorMap, f: (gradient: tf.Tensor) => tf.Tensor): NamedTensorMap =>
  Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, f(gradient)]));

/**
 * Scales gradients so that their common L2 norm is at most `maxNorm`, as `torch.nn.utils.clip_grad_norm_` does. Runs on the device
 * without reading back.
 *
 * @returns the scaled gradients and the norm before scaling; both belong to the caller
 * @throws RangeError when maxNorm is not positive.
 * @example
 * const { value, grads } = optimizer.computeGradients(() => loss(…), trainableVariables(network));
 * const { gradients, norm } = clipByGlobalNorm(grads, 1);
 * optimizer.applyGradients(gradients);
 */
export function clipByGlobalNorm(
  gradients: NamedTensorMap,
  maxNorm: number,
): { gradients: NamedTensorMap; norm: Scalar } {
  if (!(maxNorm > 0)) throw new RangeError(`clipByGlobalNorm: maxNorm must be greater than 0. Received: ${maxNorm}.`);
  return tf.tidy(() => {
    const norm = tf.sqrt(tf.addN(Object.values(gradients).map((g) => tf.sum(tf.square(g))))) as Scalar;
    const factor = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
    return { gradients: mapped(gradients, (gradient) => tf.mul(gradient, factor)), norm };
  });
}

/**
 * Clamps every element to [−limit, limit], as `torch.nn.utils.clip_grad_value_` does.
 *
 * @throws RangeError when limit is not positive.
 * @example optimizer.applyGradients(clipByValue(gradients, 1))
 */
export function clipByValue(gradients: NamedTensorMap, limit: number): NamedTensorMap {
  if (!(limit > 0)) throw new RangeError(`clipByValue: limit must be greater than 0. Received: ${limit}.`);
  return mapped(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit));
}

/**
 * Accumulates the gradients of several small batches and returns their mean, for batches larger than memory.
 *
 * Batch normalisation still sees the small batches. Gradients of batches of equal size average to the gradient of the whole batch.
 *
 * @example
 * const accumulator = gradientAccumulator();
 * for (const batch of fourBatches) accumulator.add(gradientsOf(batch)); // takes the tensors over
 * optimizer.applyGradients(accumulator.take()); // dispose what take() returned
 */
export interface GradientAccumulator {
  /** How many were added since the last `take`. */
  readonly count: number;
  /** Adds `gradients` and disposes them. */
  add(gradients: NamedTensorMap): void;
  /** Returns the mean, which belongs to the caller, and resets the accumulator. */
  take(): NamedTensorMap;
  dispose(): void;
}

/**
 * Creates a {@link GradientAccumulator}.
 *
 * @throws RangeError from `take` when nothing was added.
 * @example
 * const accumulator = gradientAccumulator();
 * for (const part of parts) accumulator.add(tf.variableGrads(() => lossOf(part)).grads);
 */
export function gradientAccumulator(): GradientAccumulator {
  let sums: NamedTensorMap = {};
  let count = 0;
  const clear = (): void => {
    sums = {};
    count = 0;
  };
  return {
    get count() {
      return count;
    },
    add(gradients) {
      for (const [name, gradient] of Object.entries(gradients)) {
        const sum = sums[name];
        if (sum === undefined) {
          sums[name] = gradient;
        } else {
          sums[name] = tf.add(sum, gradient);
          tf.dispose([sum, gradient]);
        }
      }
      count++;
    },
    take() {
      if (count === 0) throw new RangeError('gradientAccumulator: take needs at least one add before it. Received: 0.');
      const [taken, times] = [sums, count];
      clear();
      if (times === 1) return taken;
      const mean = mapped(taken, (sum) => tf.div(sum, times));
      tf.dispose(taken);
      return mean;
    },
    dispose() {
      tf.dispose(sums);
      clear();
    },
  };
}
