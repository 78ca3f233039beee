import * as tf from '@tensorflow/tfjs-core';
import { initializers, type layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';
import { normalizeBatch } from './normalize-batch';

type LayerVariable = ReturnType<layers.Layer['addWeight']>;
type Shape = (number | null)[];

/** Configuration of {@link BatchNormalization}, as it is saved. */
export interface BatchNormConfig {
  /** Share of the old value that the moving statistics keep at each step: Keras' 0.9 is PyTorch's 0.1. @defaultValue 0.9 */
  momentum?: number;
  /** Added to the variance. @defaultValue 1e-5 */
  epsilon?: number;
  /**
   * Normalises by the moving statistics in training too, and does not update them, as PyTorch's `.eval()` does. Freezing sets it.
   * @defaultValue false
   */
  frozenStatistics?: boolean;
}

/**
 * Batch normalisation over the last axis that trains as PyTorch's does (Ioffe & Szegedy 2015): the moving variance takes the unbiased variance of the batch,
 * where tfjs takes the biased one, and the gradient costs a fraction of tfjs's. The weight names are those of the tfjs layer:
 * gamma, beta, moving_mean, moving_variance.
 */
export class BatchNormalization extends Layer {
  static readonly className = 'PoseBlocks>BatchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
  /** See {@link BatchNormConfig.frozenStatistics}. */
  frozenStatistics: boolean;
  private gamma!: LayerVariable;
  private beta!: LayerVariable;
  private movingMean!: LayerVariable;
  private movingVariance!: LayerVariable;

  constructor({
    momentum = 0.9,
    epsilon = 1e-5,
    frozenStatistics = false,
    ...options
  }: BatchNormConfig & { name?: string } = {}) {
    super(options);
    this.supportsMasking = true;
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.frozenStatistics = frozenStatistics;
  }

  override build(shape: Shape | Shape[]): void {
    const channels = (shape as Shape).at(-1);
    if (channels == null) {
      throw new RangeError(
        `${this.name}: batch normalisation must know the number of channels. Received: [${(shape as Shape).join(', ')}].`,
      );
    }
    const weight = (name: string, isOne: boolean, trainable: boolean): LayerVariable =>
      this.addWeight(
        name,
        [channels],
        'float32',
        isOne ? initializers.ones() : initializers.zeros(),
        undefined,
        trainable,
      );
    this.gamma = weight('gamma', true, true);
    this.beta = weight('beta', false, true);
    this.movingMean = weight('moving_mean', false, false);
    this.movingVariance = weight('moving_variance', true, false);
    this.built = true;
  }

  /** `relu`: with the ReLU after it, as one pass where the engine has one. */
  override call(
    inputs: tf.Tensor | tf.Tensor[],
    { training, relu = false }: { training?: boolean; relu?: boolean } = {},
  ): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    const [gamma, beta, movingMean, movingVariance] = [this.gamma, this.beta, this.movingMean, this.movingVariance].map(
      (variable) => variable.read() as tf.Tensor1D,
    ) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    const { epsilon, momentum } = this;
    return tf.tidy(() => {
      if (!training || this.frozenStatistics) {
        const y = tf.batchNorm(x as tf.Tensor4D, movingMean, movingVariance, beta, gamma, epsilon);
        return relu ? tf.relu(y) : y;
      }
      const channels = x.shape.at(-1)!;
      const pixels = x.rank === 4 ? (x as tf.Tensor4D) : tf.reshape(x, [x.size / channels, 1, 1, channels]);
      const statistics = { gamma, beta, movingMean, movingVariance, epsilon, momentum, relu };
      const y = normalizeBatch(pixels as tf.Tensor4D, statistics, (mean, variance) => {
        this.movingMean.write(mean);
        this.movingVariance.write(variance);
      });
      return x.rank === 4 ? y : tf.reshape(y, x.shape);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { momentum, epsilon, frozenStatistics } = this;
    return { ...super.getConfig(), momentum, epsilon, frozenStatistics };
  }
}

/**
 * Batch normalisation over N, H, W with PyTorch's momentum (0.1 of the new value, which is Keras' 0.9 of the old) and epsilon; see {@link BatchNormalization}.
 * [N, H, W, C] → [N, H, W, C].
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example batchNorm()(x, 'bn1')
 */
export function batchNorm(options: Omit<BatchNormConfig, 'frozenStatistics'> = {}): Block {
  const { momentum = 0.9, epsilon = 1e-5 } = knownOptions('batchNorm', options, ['momentum', 'epsilon']);
  return (x, name) => apply(new BatchNormalization({ momentum, epsilon, name }), x);
}
