import { knownOptions } from '../../bytes';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  COMMON_OPTIONS,
  StatefulOptimizer,
  type FusedStep,
  type OptimizerConfig,
  type OptimizerOptions,
} from './stateful-optimizer';

/** Options of {@link adam}. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay rate of the first moment, the mean of the gradients. @defaultValue 0.9 */
  readonly beta1?: number;
  /** Decay rate of the second moment, the mean of their squares. @defaultValue 0.999 */
  readonly beta2?: number;
  /** Added to the root of the second moment. @defaultValue 1e-8 (Adam of tfjs: 1e-7) */
  readonly epsilon?: number;
}

/** The optimiser class of {@link adam}. */
export class AdamOptimizer extends StatefulOptimizer {
  /** @nocollapse */
  static get className(): string {
    return 'PoseBlocks>Adam';
  }
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, ...config }: AdamOptions & OptimizerConfig) {
    super('adam', config);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  protected override update(name: string, value: Tensor, gradient: Tensor, rate: number, t: number): Tensor {
    const { beta1, beta2, epsilon } = this;
    const first = this.runningMean(name, 'm', gradient, beta1);
    const second = this.runningMean(name, 'v', tf.square(gradient), beta2);
    const denominator = tf.add(tf.div(tf.sqrt(second), Math.sqrt(1 - beta2 ** t)), epsilon);
    return tf.sub(value, tf.mul(tf.div(first, denominator), rate / (1 - beta1 ** t)));
  }

  protected override fused(t: number): FusedStep {
    const { beta1, beta2, epsilon } = this;
    const scale = 1 / Math.sqrt(1 - beta2 ** t);
    const rule = { kind: 'adaptive', beta1, beta2, scale, epsilon, divides: true } as const;
    return { rule, slots: ['m', 'v'], factor: 1 / (1 - beta1 ** t) };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, beta1, beta2, epsilon } = this;
    return { learningRate, beta1, beta2, epsilon };
  }
}

/**
 * Adam as PyTorch computes it: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g²,
 * x ← x − rate·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε).
 *
 * Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015, https://arxiv.org/abs/1412.6980.
 *
 * @param learningRate of each step; a schedule of `fit` changes it
 * @throws RangeError when the learning rate is negative or not finite.
 * @example
 * const optimizer = adam(1e-3);
 * optimizer.minimize(() => jointsMse(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D));
 * optimizer.dispose();
 */
export function adam(learningRate: number, options: AdamOptions = {}): AdamOptimizer {
  knownOptions('adam', options, ['beta1', 'beta2', 'epsilon', ...COMMON_OPTIONS]);
  return new AdamOptimizer({ ...options, learningRate });
}

/**
 * AdamW: {@link adam} with decoupled weight decay, as `torch.optim.AdamW`. `weightDecay` is 0.01 by default.
 *
 * Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019, https://arxiv.org/abs/1711.05101.
 *
 * @param learningRate of each step; a schedule of `fit` changes it
 * @example
 * const optimizer = adamw(1e-3, { weightDecay: 0.05, decays: decaysKernelsOnly });
 */
export function adamw(learningRate: number, options: AdamOptions = {}): AdamOptimizer {
  return new AdamOptimizer({ weightDecay: 0.01, ...options, learningRate });
}
