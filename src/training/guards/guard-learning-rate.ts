import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Callback } from '../fit/callbacks';
import { trainableVariables } from '../gradients/gradients';
import { endRun, type GuardOptions } from './fault';

/** Options of {@link guardLearningRate}. */
export interface LearningRateGuardOptions extends GuardOptions {
  /** Check every N steps, first at step 2. @defaultValue 100 */
  readonly everySteps?: number;
  /** The smallest relative change of the weights, ‖Δw‖ / ‖w‖, per step that counts as learning. @defaultValue 1e-6 */
  readonly least?: number;
}

/**
 * Detects a learning rate without effect: the weights do not change, because the rate is too small for float32, the
 * schedule has ended, no gradient arrives, or the wrong layers are frozen.
 *
 * @example
 * fit(network, { callbacks: [guardLearningRate()], … });
 */
export function guardLearningRate(options: LearningRateGuardOptions = {}): Callback {
  const { everySteps = 100, least = 1e-6, onFault = endRun } = options;
  let before: Tensor[] = [];
  const forget = (): void => {
    tf.dispose(before);
    before = [];
  };
  return {
    async onStep({ epoch, step, learningRate, network }) {
      if (step % everySteps === 1 % everySteps) before = trainableVariables(network).map((v) => tf.clone(v));
      else if (before.length > 0) {
        const ratio = tf.tidy(() => {
          const now = trainableVariables(network);
          const moved = tf.addN(now.map((value, i) => tf.sum(tf.squaredDifference(value, before[i]!))));
          return tf.sqrt(tf.div(moved, tf.addN(now.map((value) => tf.sum(tf.square(value))))));
        });
        forget();
        const [change] = await ratio.data();
        ratio.dispose();
        if (change! >= least) return;
        const message =
          `a step at rate ${learningRate} moved the weights by ${change!.toExponential(1)} of their norm, less than ${least}. ` +
          'Raise the rate, look at its schedule, at which layers are frozen, and whether any keypoint has a weight.';
        onFault({ kind: 'idle-learning-rate', epoch, step, message });
      }
    },
    onEnd: forget,
  };
}
