import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * f(x) as a constant: nothing in `f` is recorded on the tape, and no gradient flows through it.
 *
 * tfjs lacks both a stop-gradient and gradients of `topk`, `greater` and `where`, so masks are computed with this function.
 *
 * @example const hard = stopGradient(losses, (values) => tf.cast(tf.greater(values, 0.1), 'float32'));
 */
export function stopGradient<T extends Tensor>(x: T, f: (x: T) => Tensor): Tensor {
  const constant = tf.customGrad((input: unknown) => ({
    value: f(input as T),
    gradFunc: () => tf.zerosLike(x),
  }));
  return constant(x);
}
