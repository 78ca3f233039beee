import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Throws unless `predicted` has the shape of `target` [N, H, W, K] and `weights` is [N, K]. */
export function checkHeatmaps(where: string, target: Tensor4D, weights: Tensor2D, predicted: Tensor): void {
  const [batch, , , keypoints] = target.shape;
  if (predicted.shape.join() !== target.shape.join()) {
    throw new RangeError(
      `${where}: predicted must have the target's shape [N, H, W, K]. ` +
        `Received: predicted [${predicted.shape}], target [${target.shape}].`,
    );
  }
  if (weights.shape.length !== 2 || weights.shape[0] !== batch || weights.shape[1] !== keypoints) {
    throw new RangeError(`${where}: weights must be [N, K] = [${batch}, ${keypoints}]. Received: [${weights.shape}].`);
  }
}
