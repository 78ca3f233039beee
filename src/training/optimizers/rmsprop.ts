import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { StatefulOptimizer, type FusedStep, type OptimizerConfig, type OptimizerOptions } from './stateful-optimizer';

/** Options of {@link rmsprop}. */
export interface RmspropOptions extends OptimizerOptions {
  /** Decay of the mean square. @defaultValue 0.99 (Keras and tfjs: 0.9) */
  readonly alpha?: number;
  /** Added outside the root. @defaultValue 1e-8 (tfjs adds it inside) */
  readonly epsilon?: number;
  /** Momentum. @defaultValue 0 */
  readonly momentum?: number;
  /** Divide by the standard deviation in place of the root mean square. @defaultValue false */
  readonly centered?: boolean;
}

/** The optimiser class of {@link rmsprop}. */
export class RmspropOptimizer extends StatefulOptimizer {
  /** @nocollapse */
  static get className(): string {
    return 'PoseBlocks>RMSprop';
  }
  private readonly config: Required<Pick<RmspropOptions, 'alpha' | 'epsilon' | 'momentum' | 'centered'>>;

  constructor(options: RmspropOptions & OptimizerConfig) {
    const { alpha = 0.99, epsilon = 1e-8, momentum = 0, centered = false, ...config } = options;
    super('rmsprop', config);
    this.config = { alpha, epsilon, momentum, centered };
  }

  protected override update(name: string, value: Tensor, gradient: Tensor, rate: number): Tensor {
    const { alpha, epsilon, momentum, centered } = this.config;
    let square = this.runningMean(name, 'square', tf.square(gradient), alpha);
    if (centered) square = tf.sub(square, tf.square(this.runningMean(name, 'mean', gradient, alpha)));
    let direction = tf.div(gradient, tf.add(tf.sqrt(square), epsilon));
    if (momentum > 0) {
      direction = this.keep(
        name,
        'momentum',
        tf.add(tf.mul(this.slot(name, 'momentum', gradient), momentum), direction),
      );
    }
    return tf.sub(value, tf.mul(direction, rate));
  }

  protected override fused(): FusedStep {
    const { momentum, centered } = this.config;
    const slots = ['square', centered ? 'mean' : undefined, momentum > 0 ? 'momentum' : undefined];
    return { rule: { kind: 'rmsprop', ...this.config }, slots, factor: 1 };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, ...this.config };
  }
}

/**
 * RMSprop as PyTorch computes it: s ← αs + (1−α)g², x ← x − rate·g/(√s + ε), with α 0.99 and ε outside the root.
 *
 * RMSprop of tfjs has α 0.9 and ε inside the root, which gives another trajectory.
 *
 * @param learningRate of each step; a schedule of `fit` changes it
 * @throws RangeError when the learning rate is negative or not finite.
 * @example
 * const optimizer = rmsprop(2.5e-4); // the stacked hourglass's
 */
export function rmsprop(learningRate: number, options: RmspropOptions = {}): RmspropOptimizer {
  return new RmspropOptimizer({ ...options, learningRate });
}
