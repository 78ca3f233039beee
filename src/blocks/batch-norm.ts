import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;
type LayerVariable = { read(): tf.Tensor1D; write(value: tf.Tensor): void };
/** What tfjs-layers' BatchNormalization is made of; it exports no type for it. */
type BatchNormalization = Layer & {
  gamma: LayerVariable;
  beta: LayerVariable;
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
  momentum: number;
  epsilon: number;
  /** Set by freezing: the layer then normalises by its moving statistics and leaves them alone, as PyTorch's `.eval()`. */
  frozenStatistics?: boolean;
};

export type BatchNormOptions = { momentum: number; epsilon: number; name: string };

/** x · scale + offset by channel. As a batch normalisation, it is one pass on every engine, and tiles nothing. */
function affine(x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D): tf.Tensor4D {
  return tf.batchNorm4d(x, tf.zerosLike(scale), tf.onesLike(scale), offset, scale, 0);
}

const PIXELS = [0, 1, 2];

/**
 * Normalises by the batch's own statistics, with the textbook gradient (Ioffe & Szegedy 2015, section 3): two sums over the batch,
 * instead of the tape of a dozen broadcasts that tfjs-layers records. `statistics` is told the mean and the biased variance.
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
        // Two values become ±1 but for epsilon: of that difference ε / (σ² + ε) is left, which float32 would lose.
        const ofPair = (): tf.Tensor4D => centred(tf.mul(tf.mul(scale, epsilon), tf.square(inverse)));
        return [count <= 2 ? ofPair() : dx(), dGamma, dBeta];
      },
    };
  });
  return op(x, gamma, beta) as tf.Tensor4D;
}

/**
 * The same in two kernels of the engine's own, where it has them: `BatchNormTraining` gives the output, mean and biased variance,
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

/**
 * Gives a stock BatchNormalization layer our training step: PyTorch's running variance (of the unbiased batch variance, where tfjs takes the
 * biased one), and a gradient that is several times cheaper. Inference, weights and the saved configuration stay the layer's own.
 */
export function trainAsPyTorch(layer: Layer): void {
  const norm = layer as unknown as BatchNormalization;
  const inference = norm.call.bind(norm);
  norm.call = (inputs, kwargs) => {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    if (!kwargs['training'] || norm.frozenStatistics || x.rank !== 4)
      return inference(inputs, norm.frozenStatistics ? {} : kwargs);
    const { momentum, movingMean, movingVariance } = norm;
    const count = x.size / x.shape[3];
    const normalize = tf.getKernel('BatchNormTraining', tf.getBackend()) ? normalizeBatchFused : normalizeBatch;
    return tf.tidy(() =>
      normalize(x, norm.gamma.read(), norm.beta.read(), norm.epsilon, (mean, variance) => {
        updateMoving(movingMean, mean, momentum);
        updateMoving(movingVariance, tf.mul(variance, count / Math.max(count - 1, 1)), momentum);
      }),
    );
  };
}

/** A stock BatchNormalization layer that trains as PyTorch's. */
export function batchNormalization(options: BatchNormOptions): Layer {
  const layer = layers.batchNormalization(options);
  trainAsPyTorch(layer);
  return layer;
}

/** Makes a BatchNormalization layer keep its moving statistics, and normalise by them in training too, as PyTorch's `.eval()`. */
export function freezeStatistics(layer: Layer, frozen = true): void {
  (layer as unknown as BatchNormalization).frozenStatistics = frozen;
}
