import { requireThat } from '../../bytes';
import { Tensor as TensorClass } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Throws unless `predicted` has the shape of `target` [N, H, W, K] and `weights` is [N, K]. */
export function checkHeatmaps(where: string, target: Tensor4D, weights: Tensor2D, predicted: Tensor): void {
  for (const [name, tensor] of Object.entries({ target, weights, predicted })) {
    requireThat(tensor instanceof TensorClass, where, `${name} must be a tensor`, tensor, 'A codec makes target and weights; the network must have one output.'); // prettier-ignore
  }
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
