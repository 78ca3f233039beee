import { knownOptions } from '../../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { AdamOptions } from './adam';
import { COMMON_OPTIONS, StatefulOptimizer, type FusedStep, type OptimizerConfig } from './stateful-optimizer';

/** Options of {@link radam}. */
export interface RAdamOptions extends AdamOptions {
  /**
   * The first steps (five at β₂ = 0.999), in which the variance of the adaptive rate is intractable:
   * `'momentum'` moves by rate·m/(1−β₁ᵗ), as `torch.optim.RAdam` and the authors' `degenerated_to_sgd=True`;
   * `'wait'` does not move, as the default of the authors' code. @defaultValue `'momentum'`
   */
  readonly unrectified?: 'momentum' | 'wait';
}

/** The optimiser class of {@link radam}. */
export class RAdamOptimizer extends StatefulOptimizer {
  /** @nocollapse */
  static get className(): string {
    return 'PoseBlocks>RAdam';
  }
  private readonly config: Required<Pick<RAdamOptions, 'beta1' | 'beta2' | 'epsilon' | 'unrectified'>>;

  constructor(options: RAdamOptions & OptimizerConfig) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, unrectified = 'momentum', ...config } = options;
    super('radam', config);
    this.config = { beta1, beta2, epsilon, unrectified };
  }

  protected override update(name: string, value: Tensor, gradient: Tensor, rate: number, t: number): Tensor {
    const { beta1, beta2, epsilon, unrectified } = this.config;
    const first = this.runningMean(name, 'm', gradient, beta1);
    const second = this.runningMean(name, 'v', tf.square(gradient), beta2);
    const factor = rectification(t, beta2);
    if (factor === undefined) {
      return unrectified === 'wait' ? value : tf.sub(value, tf.mul(first, rate / (1 - beta1 ** t)));
    }
    // √(v/(1−β₂ᵗ)) + ε would be Adam's; the authors add ε to the uncorrected root, PyTorch before correcting it: equal.
    const step = (rate * factor * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    return tf.sub(value, tf.mul(tf.div(first, tf.add(tf.sqrt(second), epsilon)), step));
  }

  protected override fused(t: number): FusedStep {
    const { beta1, beta2, epsilon, unrectified } = this.config;
    const rectified = rectification(t, beta2);
    const rule = { kind: 'adaptive', beta1, beta2, scale: 1, epsilon, divides: rectified !== undefined } as const;
    const damping =
      rectified === undefined ? Number(unrectified === 'momentum') : rectified * Math.sqrt(1 - beta2 ** t);
    return { rule, slots: ['m', 'v'], factor: damping / (1 - beta1 ** t) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, ...this.config };
  }
}

/** r_t of Liu et al.; undefined while ρ_t < 5, where there is no rectification. */
function rectification(t: number, beta2: number): number | undefined {
  const limit = 2 / (1 - beta2) - 1;
  const power = beta2 ** t;
  const rho = limit - (2 * t * power) / (1 - power);
  if (rho < 5) return undefined;
  return Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
}

/**
 * Rectified Adam: Adam whose early steps are damped according to the variance of their adaptive rate, in place of a warm-up.
 *
 * Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020, https://arxiv.org/abs/1908.03265;
 * follows the authors' code and `torch.optim.RAdam`, which differ only in the un-rectified steps (see the options).
 *
 * @param learningRate of each step; a schedule of `fit` changes it
 * @throws RangeError when the learning rate is negative or not finite.
 * @example
 * const optimizer = radam(1e-3, { unrectified: 'wait' });
 */
export function radam(learningRate: number, options: RAdamOptions = {}): RAdamOptimizer {
  knownOptions('radam', options, ['beta1', 'beta2', 'epsilon', 'unrectified', ...COMMON_OPTIONS]);
  return new RAdamOptimizer({ ...options, learningRate });
}
