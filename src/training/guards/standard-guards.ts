import type { KeypointSet } from '../../keypoints';
import type { Codec } from '../../targets';
import type { Callback } from '../fit/callbacks';
import type { Batches, TrainingBatch } from '../fit/training-batch';
import type { GuardOptions } from './fault';
import { guardHeatmaps } from './guard-heatmaps';
import { guardLeaks } from './guard-leaks';
import { guardLearningRate } from './guard-learning-rate';
import { guardLoss } from './guard-loss';
import { guardPairs } from './guard-pairs';

/**
 * All guards with their defaults; {@link guardPairs} only with a keypoint set and a validation. Guards of heatmaps locate them through the
 * codec, and report nothing where it has none.
 *
 * @example
 * fit(network, { callbacks: standardGuards({ codec, keypointSet: COCO, onFault: ({ message }) => console.warn(message) }), … });
 */
export function standardGuards(
  options: GuardOptions & {
    readonly codec?: Codec;
    readonly keypointSet?: KeypointSet;
    readonly validation?: Batches<TrainingBatch<unknown>>;
  } = {},
): Callback[] {
  const { codec, keypointSet, validation, onFault } = options;
  const common = onFault ? { onFault } : {};
  const looking = { ...common, ...(codec && { codec }) };
  return [
    guardLoss(common),
    guardHeatmaps({ ...looking, ...(keypointSet && { keypointSet }) }),
    guardLearningRate(common),
    guardLeaks(common),
    ...(keypointSet && validation ? [guardPairs({ ...looking, keypointSet, validation })] : []),
  ];
}
