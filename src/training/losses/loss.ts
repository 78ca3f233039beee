import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * A training objective: a differentiable scalar of what the network predicted. Its target and output are those of the codec it goes with, which the compiler
 * holds it to: a `Loss<Tensor4D, Tensor4D>` fits a `Codec<Tensor4D, Tensor4D>`.
 *
 * @param target what the codec encoded, [N, H, W, K] for heatmaps
 * @param weights [N, K]; 0 for a keypoint that is not labelled
 * @param predicted what the network returned for the batch
 */
export type Loss<Target = Tensor4D, Output = Tensor4D> = {
  // A method, so that a loss of any target is a `Loss<unknown, unknown>`, as a codec of any is a `Codec`: what runs through `fit` need not be named.
  call(target: Target, weights: Tensor2D, predicted: Output): Scalar;
}['call'];
