import * as tf from '@tensorflow/tfjs-core';

/** What {@link normalizeBatch} needs beside the map. */
export interface BatchStatistics {
  readonly gamma: tf.Tensor1D;
  readonly beta: tf.Tensor1D;
  readonly movingMean: tf.Tensor1D;
  readonly movingVariance: tf.Tensor1D;
  readonly epsilon: number;
  /** Share of the old value that the moving statistics keep. */
  readonly momentum: number;
  /** Whether a ReLU follows: one pass together with it, where the engine has one. */
  readonly relu: boolean;
}

/** Receives the new moving statistics. */
type Move = (mean: tf.Tensor1D, variance: tf.Tensor1D) => void;

/**
 * Normalises [N, H, W, C] by the batch's own statistics, with the textbook gradient (Ioffe & Szegedy 2015, section 3): two sums over the batch, instead of the
 * dozen broadcasts that tfjs-layers records on its tape.
 */
export function normalizeBatch(x: tf.Tensor4D, statistics: BatchStatistics, move: Move): tf.Tensor4D {
  if (tf.getKernel('BatchNormTraining', tf.getBackend())) return byKernels(x, statistics, move);
  const y = byOperations(x, statistics, move);
  return statistics.relu ? tf.relu(y) : y;
}

/** x · scale + offset per channel. Written as a batch normalisation, it is one pass on every engine and tiles nothing. */
function affine(x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D): tf.Tensor4D {
  return tf.batchNorm4d(x, tf.zerosLike(scale), tf.onesLike(scale), offset, scale, 0);
}

const PIXELS = [0, 1, 2];

function byOperations(
  x: tf.Tensor4D,
  { gamma, beta, movingMean, movingVariance, epsilon, momentum }: BatchStatistics,
  move: Move,
): tf.Tensor4D {
  const moved = (old: tf.Tensor1D, value: tf.Tensor1D): tf.Tensor1D =>
    tf.add(tf.mul(old, momentum), tf.mul(value, 1 - momentum));
  const op = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const mean = tf.mean<tf.Tensor1D>(input, PIXELS);
    const centred = affine(input, tf.onesLike(mean), tf.neg(mean));
    const variance = tf.mean<tf.Tensor1D>(tf.square(centred), PIXELS);
    const inverse = tf.rsqrt(tf.add(variance, epsilon)) as tf.Tensor1D;
    const count = x.size / mean.size;
    move(moved(movingMean, mean), moved(movingVariance, tf.mul(variance, count / Math.max(count - 1, 1))));
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
 * The same by two kernels of the engine: `BatchNormTraining` computes the output, mean, biased variance and new moving statistics, `BatchNormTrainingGrad`
 * the gradients of x, gamma and beta.
 */
function byKernels(
  x: tf.Tensor4D,
  { gamma, beta, movingMean, movingVariance, epsilon, momentum, relu }: BatchStatistics,
  move: Move,
): tf.Tensor4D {
  const attrs = { varianceEpsilon: epsilon, momentum, relu };
  const op = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const inputs = { x, scale, offset, movingMean, movingVariance };
    const outputs = tf.engine().runKernel<tf.Tensor[]>('BatchNormTraining', inputs, attrs);
    const [value, mean, variance, ...moving] = outputs as [tf.Tensor4D, ...tf.Tensor1D[]];
    move(moving[0]!, moving[1]!);
    save([x, scale, offset, mean!, variance!]);
    return {
      value,
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => {
        const [x, scale, offset, mean, variance] = saved as [tf.Tensor4D, ...tf.Tensor1D[]];
        const inputs = { dy, x, mean: mean!, variance: variance!, scale: scale!, offset: offset! };
        return tf.engine().runKernel<tf.Tensor[]>('BatchNormTrainingGrad', inputs, attrs);
      },
    };
  });
  return op(x, gamma, beta) as tf.Tensor4D;
}
