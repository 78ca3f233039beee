import * as tf from '@tensorflow/tfjs-core';
import { knownOptions } from '../bytes';
import { hashText, seededRandom } from '../random';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';
import { identity } from './layers';

/** Configuration of {@link StochasticDepth}, as it is saved. */
export interface StochasticDepthOptions {
  /** Probability that training drops the body of the residual, in [0, 1). */
  rate: number;
  /**
   * Seed of the dropping. A draw depends on the seed, the layer's name and the number of the training step. `fit` counts the steps of the whole run, so a resumed
   * run drops the same; in your own loop set {@link StochasticDepth.draws}. `checkpoint` must not recompute this layer.
   * @defaultValue 0
   */
  seed?: number;
}

type Shape = (number | null)[];

/** Stochastic depth as a layer; see {@link stochasticDepth}. */
export class StochasticDepth extends Layer {
  static readonly className = 'PoseBlocks>StochasticDepth';
  readonly config: Required<StochasticDepthOptions>;
  /** Training passes so far; the next draw depends on the seed, the name and this count. */
  draws = 0;

  constructor({ rate, seed = 0, ...options }: StochasticDepthOptions & { name?: string }) {
    super(options);
    this.config = { rate, seed };
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    return shape as Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean } = {}): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    const { rate, seed } = this.config;
    if (!training) return x.clone();
    const random = seededRandom(seed, hashText(this.name), this.draws++);
    const kept = Float32Array.from({ length: x.shape[0]! }, () => (random.chance(rate) ? 0 : 1 / (1 - rate)));
    return tf.tidy(() => tf.mul(x, tf.tensor(kept, [kept.length, ...x.shape.slice(1).map(() => 1)])));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}

/**
 * Stochastic depth (Huang et al. 2016), per sample: training drops the body of a residual with probability `rate` and scales it by
 * 1/(1 − rate) where it is kept. Inference returns the input unchanged. [N, H, W, C] → [N, H, W, C].
 *
 * @throws RangeError when the rate is not in [0, 1), or the seed is not an integer.
 * @example stochasticDepth({ rate: 0.2, seed: 1 })(body, 'stochastic_depth')
 */
export function stochasticDepth(options: StochasticDepthOptions): Block {
  const { rate, seed = 0 } = knownOptions('stochasticDepth', options, ['rate', 'seed']);
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`stochasticDepth: rate must be in [0, 1). Received: ${rate}.`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`stochasticDepth: seed must be an integer. Received: ${seed}.`);
  if (rate === 0) return identity();
  return (x, name) => apply(new StochasticDepth({ rate, seed, name }), x);
}
