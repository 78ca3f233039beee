import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Loss } from './loss';

/**
 * The same loss on every output of a network (each stack of an hourglass), summed.
 *
 * Newell et al., "Stacked Hourglass Networks for Human Pose Estimation", 2016, https://arxiv.org/abs/1603.06937.
 * A network with a single output is accepted too, so a script works for both kinds.
 *
 * @param loss the loss of one output
 * @throws RangeError when the numbers of weights and outputs differ.
 * @example
 * const loss = intermediateSupervision(jointsMse, { weights: [0.5, 1] });
 * loss(heatmaps, weights, hourglass.apply(images, { training: true }) as tf.Tensor4D[]);
 */
export function intermediateSupervision<Target = Tensor4D, Predicted = Tensor4D>(
  loss: Loss<Target, Predicted>,
  {
    weights: factors,
  }: {
    /** One factor per output. @defaultValue 1 for each */
    readonly weights?: readonly number[];
  } = {},
): Loss<Target, Predicted | readonly Predicted[]> {
  return (target, weights, predicted) => {
    const outputs = Array.isArray(predicted) ? (predicted as readonly Predicted[]) : [predicted as Predicted];
    if (factors !== undefined && factors.length !== outputs.length) {
      throw new RangeError(
        `intermediateSupervision: weights must be one per output. ` +
          `Received: ${factors.length} weights, ${outputs.length} outputs.`,
      );
    }
    return tf.tidy(() => {
      const losses = outputs.map((output, i) => tf.mul<Scalar>(factors?.[i] ?? 1, loss(target, weights, output)));
      return losses.length === 1 ? losses[0]! : tf.addN(losses);
    });
  };
}
