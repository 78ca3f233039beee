import * as tf from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { variablesOf } from '../checkpoint/named-weights';

/** Options of {@link weightAverage}. */
export interface WeightAverageOptions {
  /** The decay after warm-up. @defaultValue 0.999 */
  readonly decay?: number;
  /** Use min(decay, (1 + t)/(10 + t)) at update t, which discards the random start quickly. @defaultValue true */
  readonly warmUp?: boolean;
}

/**
 * EMA (exponential moving average) of a network's weights: average ← d·average + (1 − d)·weight after each step.
 * Running statistics of batch normalisation are averaged too, as in timm.
 */
export interface WeightAverage {
  /** Number of updates so far. */
  updates: number;
  /** The averages by weight name; they belong to this object. */
  readonly variables: ReadonlyMap<string, Variable>;
  update(): void;
  /** Swaps the network's weights and the averages; a second call swaps them back. */
  swap(): void;
  dispose(): void;
}

/**
 * Creates the EMA ({@link WeightAverage}) of `network`, starting from its current weights.
 *
 * @throws RangeError when the decay is not in [0, 1).
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
