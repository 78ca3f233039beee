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
 * All guards with their defaults; {@link guardPairs} only where there is a set and a validation to look at. `heatmaps: false` leaves out those that look at
 * heatmaps, for a network whose last output is something else.
 *
 * @example
 * fit(network, { callbacks: standardGuards({ keypointSet: COCO, onFault: ({ message }) => console.warn(message) }), … });
 */
export function standardGuards(
  options: GuardOptions & {
    readonly keypointSet?: KeypointSet;
    readonly validation?: Batches<TrainingBatch>;
    readonly heatmaps?: boolean;
  } = {},
): Callback[] {
  const { keypointSet, validation, heatmaps = true, onFault } = options;
  const common = onFault ? { onFault } : {};
  return [
    guardLoss(common),
    ...(heatmaps ? [guardHeatmaps({ ...common, ...(keypointSet && { keypointSet }) })] : []),
    guardLearningRate(common),
    guardLeaks(common),
    ...(heatmaps && keypointSet && validation ? [guardPairs({ ...common, keypointSet, validation })] : []),
  ];
}
