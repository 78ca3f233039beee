import type { KeypointSet } from '../../keypoints';
import type { Callback } from '../fit/callbacks';
import type { Batches, TrainingBatch } from '../fit/training-batch';
import type { GuardOptions } from './fault';
import { guardHeatmaps } from './guard-heatmaps';
import { guardLeaks } from './guard-leaks';
import { guardLearningRate } from './guard-learning-rate';
import { guardLoss } from './guard-loss';
import { guardPairs } from './guard-pairs';

/**
 * All guards with their defaults; {@link guardPairs} only where there is a set and a validation to look at.
 *
 * @example
 * fit(network, { callbacks: standardGuards({ keypointSet: COCO, onFault: ({ message }) => console.warn(message) }), … });
 */
export function standardGuards(
  options: GuardOptions & { readonly keypointSet?: KeypointSet; readonly validation?: Batches<TrainingBatch> } = {},
): Callback[] {
  const { keypointSet, validation, onFault } = options;
  const common = onFault ? { onFault } : {};
  return [
    guardLoss(common),
    guardHeatmaps({ ...common, ...(keypointSet && { keypointSet }) }),
    guardLearningRate(common),
    guardLeaks(common),
    ...(keypointSet && validation ? [guardPairs({ ...common, keypointSet, validation })] : []),
  ];
}
