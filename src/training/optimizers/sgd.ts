import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { StatefulOptimizer, type FusedStep, type OptimizerConfig, type OptimizerOptions } from './stateful-optimizer';

/** Options of {@link sgd}. */
export interface SgdOptions extends OptimizerOptions {
  /** Momentum. @defaultValue 0 */
  readonly momentum?: number;
  /** Nesterov momentum. @defaultValue false */
  readonly nesterov?: boolean;
}

/** The optimiser class of {@link sgd}. */
export class SgdOptimizer extends StatefulOptimizer {
  /** @nocollapse */
  static get className(): string {
    return 'PoseBlocks>SGD';
  }
  private readonly momentum: number;
  private readonly nesterov: boolean;

  constructor({ momentum = 0, nesterov = false, ...config }: SgdOptions & OptimizerConfig) {
    super('sgd', config);
    if (nesterov && !(momentum > 0)) {
      throw new RangeError(`sgd: nesterov needs a momentum greater than 0. Received: ${momentum}.`);
    }
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  protected override update(name: string, value: Tensor, gradient: Tensor, rate: number): Tensor {
    const { momentum, nesterov } = this;
    if (momentum === 0) return tf.sub(value, tf.mul(gradient, rate));
    const buffer = this.keep(
      name,
      'momentum',
      tf.add(tf.mul(this.slot(name, 'momentum', gradient), momentum), gradient),
    );
    const direction = nesterov ? tf.add(gradient, tf.mul(buffer, momentum)) : buffer;
    return tf.sub(value, tf.mul(direction, rate));
  }

  protected override fused(): FusedStep {
    const { momentum, nesterov } = this;
    return { rule: { kind: 'descent', momentum, nesterov }, slots: [momentum > 0 ? 'momentum' : undefined], factor: 1 };
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { learningRate, momentum, nesterov } = this;
    return { learningRate, momentum, nesterov };
  }
}

/**
 * Stochastic gradient descent with optional (Nesterov) momentum, as `torch.optim.SGD`: b ← μb + g, x ← x − rate·b
 * (Nesterov: x ← x − rate·(g + μb)). Weight decay is decoupled here; PyTorch adds it to the gradient.
 *
 * @param learningRate of each step; a schedule of `fit` changes it
 * @throws RangeError when the learning rate is negative or not finite, or `nesterov` is set without momentum.
 * @example
 * const optimizer = sgd(0.05, { momentum: 0.9, nesterov: true });
 */
export function sgd(learningRate: number, options: SgdOptions = {}): SgdOptimizer {
  return new SgdOptimizer({ ...options, learningRate });
}
