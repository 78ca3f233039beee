import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * A training objective: a differentiable scalar of the network's prediction. Its target and output types are those of its codec; the compiler checks
 * this: a `Loss<Tensor4D, Tensor4D>` fits a `Codec<Tensor4D, Tensor4D>`.
 *
 * @param target the encoded target of the codec, [N, H, W, K] for heatmaps
 * @param weights keypoint weights [N, K]; 0 for an unlabelled keypoint
 * @param predicted the network's output for the batch
 */
export type Loss<Target = Tensor4D, Output = Tensor4D> = {
  // A method, so that a loss of any target is a `Loss<unknown, unknown>`, as any codec is a `Codec`: `fit` need not name the types.
  call(target: Target, weights: Tensor2D, predicted: Output): Scalar;
}['call'];
