import type { KeypointSet } from '../../keypoints';
import type { PoseInput } from '../pose';
import type { KeypointMetrics } from './keypoint-metrics';
import { torsoDiameters } from './normalizers';
import { pck } from './pck';

/**
 * Percentage of detected joints, as a fraction: within threshold × the torso's diameter, left shoulder to right hip
 * (Toshev & Szegedy, DeepPose, 2014, https://arxiv.org/abs/1312.4659). People with an unlabelled torso do not count.
 *
 * @param set the keypoint set, which must have `left_shoulder` and `right_hip`.
 * @param threshold maximum distance, as a fraction of the torso's diameter. Default: 0.2.
 * @throws RangeError when the set has no torso, the counts differ, or a coordinate is not finite.
 * @example pdj(predicted, truth, LSP, 0.2).perKeypoint
 */
export function pdj(
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  set: KeypointSet,
  threshold = 0.2,
): KeypointMetrics {
  return pck(predicted, truth, { normalizer: torsoDiameters(truth, set), threshold });
}
