import type { KeypointSet } from '../../keypoints';
import type { PoseInput } from '../pose';
import type { KeypointFigures } from './keypoint-figures';
import { torsoDiameters } from './normalizers';
import { pck } from './pck';

/**
 * Percentage of detected joints, as a fraction: within threshold × the torso's diameter, left shoulder to right hip
 * (Toshev & Szegedy, DeepPose, 2014, https://arxiv.org/abs/1312.4659). People whose torso is not labelled do not count.
 *
 * @param set The keypoint set, which must have `left_shoulder` and `right_hip`.
 * @param threshold 0.2 by default.
 * @throws RangeError when the set has no torso, counts differ or a coordinate is not finite.
 * @example pdj(predicted, truth, LSP, 0.2).perKeypoint
 */
export function pdj(
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  set: KeypointSet,
  threshold = 0.2,
): KeypointFigures {
  return pck(predicted, truth, { normalizer: torsoDiameters(truth, set), threshold });
}
