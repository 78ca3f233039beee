import * as tf from '@tensorflow/tfjs-core';
import { initializers, type layers } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { apply } from './apply';
import type { Block } from './block';
import { Layer } from './layer';

type LayerVariable = ReturnType<layers.Layer['addWeight']>;
type Shape = (number | null)[];

/** x · scale + offset per channel. Written as a batch normalisation, it is one pass on every engine and tiles nothing. */
function affine(x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D): tf.Tensor4D {
  return tf.batchNorm4d(x, tf.zerosLike(scale), tf.onesLike(scale), offset, scale, 0);
}

const PIXELS = [0, 1, 2];

/**
 * Normalises by the batch's own statistics, with the textbook gradient (Ioffe & Szegedy 2015, section 3): two sums over the batch,
 * instead of the dozen broadcasts that tfjs-layers records on its tape. `statistics` receives the mean and the biased variance.
 */
function normalizeBatch(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  statistics: (mean: tf.Tensor1D, variance: tf.Tensor1D) => void,
): tf.Tensor4D {
  const op = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const mean = tf.mean<tf.Tensor1D>(input, PIXELS);
    const centred = affine(input, tf.onesLike(mean), tf.neg(mean));
    const variance = tf.mean<tf.Tensor1D>(tf.square(centred), PIXELS);
    const inverse = tf.rsqrt(tf.add(variance, epsilon)) as tf.Tensor1D;
    statistics(mean, variance);
    save([input, scale, mean, inverse]);
    return {
      value: affine(centred, tf.mul<tf.Tensor1D>(scale, inverse), offset),
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => {
        const [x, gamma, mean, inverse] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
        const count = x.size / mean.size;
        const dBeta = tf.sum<tf.Tensor1D>(dy, PIXELS);
        const normalized = affine(x, inverse, tf.neg<tf.Tensor1D>(tf.mul<tf.Tensor1D>(mean, inverse)));
        const dGamma = tf.sum<tf.Tensor1D>(tf.mul(dy, normalized), PIXELS);
        const scale = tf.mul<tf.Tensor1D>(gamma, inverse);
        const centred = (factor: tf.Tensor1D): tf.Tensor4D =>
          affine(dy, factor, tf.neg(tf.div<tf.Tensor1D>(tf.mul(factor, dBeta), count)));
        const dx = (): tf.Tensor4D =>
          tf.sub(
            centred(scale),
            affine(normalized, tf.div<tf.Tensor1D>(tf.mul(scale, dGamma), count), tf.zerosLike(scale)),
          );
        // With two values the result is ±1 up to epsilon. The difference, ε / (σ² + ε), would be lost in float32.
        const ofPair = (): tf.Tensor4D => centred(tf.mul(tf.mul(scale, epsilon), tf.square(inverse)));
        return [count <= 2 ? ofPair() : dx(), dGamma, dBeta];
      },
    };
  });
  return op(x, gamma, beta) as tf.Tensor4D;
}

/**
 * The same by two kernels of the engine, where it has them: `BatchNormTraining` computes the output, mean and biased variance,
 * `BatchNormTrainingGrad` the gradients of x, gamma and beta.
 */
function normalizeBatchFused(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  statistics: (mean: tf.Tensor1D, variance: tf.Tensor1D) => void,
): tf.Tensor4D {
  const attrs = { varianceEpsilon: epsilon };
  const op = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const outputs = tf.engine().runKernel<tf.Tensor[]>('BatchNormTraining', { x, scale, offset }, attrs);
    const [value, mean, variance] = outputs as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    statistics(mean, variance);
    save([x, scale, mean, variance]);
    return {
      value,
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => {
        const [x, scale, mean, variance] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
        return tf.engine().runKernel<tf.Tensor[]>('BatchNormTrainingGrad', { dy, x, mean, variance, scale }, attrs);
      },
    };
  });
  return op(x, gamma, beta) as tf.Tensor4D;
}

/** moving ← momentum · moving + (1 − momentum) · value */
function updateMoving(moving: LayerVariable, value: tf.Tensor1D, momentum: number): void {
  moving.write(tf.add(tf.mul(moving.read(), momentum), tf.mul(value, 1 - momentum)));
}

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

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean } = {}): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor;
    const [gamma, beta] = [this.gamma.read(), this.beta.read()] as [tf.Tensor1D, tf.Tensor1D];
    return tf.tidy(() => {
      if (!training || this.frozenStatistics) {
        const [mean, variance] = [this.movingMean.read(), this.movingVariance.read()] as [tf.Tensor1D, tf.Tensor1D];
        return tf.batchNorm(x as tf.Tensor4D, mean, variance, beta, gamma, this.epsilon);
      }
      const channels = x.shape.at(-1)!;
      const pixels = x.rank === 4 ? (x as tf.Tensor4D) : tf.reshape(x, [x.size / channels, 1, 1, channels]);
      const count = x.size / channels;
      const normalize = tf.getKernel('BatchNormTraining', tf.getBackend()) ? normalizeBatchFused : normalizeBatch;
      const y = normalize(pixels as tf.Tensor4D, gamma, beta, this.epsilon, (mean, variance) => {
        updateMoving(this.movingMean, mean, this.momentum);
        updateMoving(this.movingVariance, tf.mul(variance, count / Math.max(count - 1, 1)), this.momentum);
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
