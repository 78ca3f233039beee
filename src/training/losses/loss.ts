import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * A training objective: a differentiable scalar of what the network predicted.
 *
 * @param target what the codec encoded, [N, H, W, K] for heatmaps
 * @param weights [N, K]; 0 for a keypoint that is not labelled
 * @param predicted what the network returned for the batch
 */
export type Loss<Target = Tensor4D, Predicted = Tensor4D> = (
  target: Target,
  weights: Tensor2D,
  predicted: Predicted,
) => Scalar;

/** What a network returns: one tensor, or one for each output. */
export type Prediction = Tensor | Tensor[];
