import * as tf from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { variablesOf } from '../checkpoint/named-weights';

export interface WeightAverageOptions {
  /** The decay once warmed up. @defaultValue 0.999 */
  readonly decay?: number;
  /** Use min(decay, (1 + t)/(10 + t)) at update t, so that the random start is soon forgotten. @defaultValue true */
  readonly warmUp?: boolean;
}

/**
 * An exponential moving average of a network's weights: average ← d·average + (1 − d)·weight after each step.
 * Running statistics of BatchNorm are averaged too, as in timm.
 */
export interface WeightAverage {
  /** How many updates there were. */
  updates: number;
  /** The averages by the name of the weight; they stay the average's own. */
  readonly variables: ReadonlyMap<string, Variable>;
  update(): void;
  /** Exchanges the network's weights and the averages: call it twice. */
  swap(): void;
  dispose(): void;
}

/**
 * Keeps an {@link WeightAverage} of `network`, beginning at its present weights.
 *
 * @throws RangeError when the decay does not lie in [0, 1).
 * @example
 * const average = weightAverage(network, { decay: 0.9998 });
 * average.update(); // after each optimiser step; fit does so
 * average.swap(); await evaluate(network); average.swap();
 */
export function weightAverage(network: LayersModel, options: WeightAverageOptions = {}): WeightAverage {
  const { decay = 0.999, warmUp = true } = options;
  if (!(decay >= 0 && decay < 1)) {
    throw new RangeError(`weightAverage: decay must lie in [0, 1). Received: ${decay}.`);
  }
  const weights = variablesOf(network);
  const variables = new Map(
    [...weights].map(([name, weight]) => [name, tf.tidy(() => tf.variable(tf.clone(weight), false))]),
  );
  return {
    updates: 0,
    variables,
    update() {
      const t = ++this.updates;
      const d = warmUp ? Math.min(decay, (1 + t) / (10 + t)) : decay;
      for (const [name, average] of variables) {
        tf.tidy(() => average.assign(tf.add(tf.mul(average, d), tf.mul(weights.get(name)!, 1 - d))));
      }
    },
    swap() {
      for (const [name, average] of variables) {
        const weight = weights.get(name)!;
        tf.tidy(() => {
          const held = tf.clone(weight);
          weight.assign(average);
          average.assign(held);
        });
      }
    },
    dispose() {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}
