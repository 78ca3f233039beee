import { keypointSet, type KeypointSet } from '../keypoint-set';

/**
 * The 14 keypoints of CrowdPose, with the sigmas of its evaluation (github.com/Jeff-sjtu/CrowdPose). Its "top_head" is called
 * `head_top` here, as in the other sets, so that conversion by name finds it.
 */
export const CROWDPOSE: KeypointSet = /* @__PURE__ */ keypointSet({
  name: 'crowdpose',
  names: [
    'left_shoulder',
    'right_shoulder',
    'left_elbow',
    'right_elbow',
    'left_wrist',
    'right_wrist',
    'left_hip',
    'right_hip',
    'left_knee',
    'right_knee',
    'left_ankle',
    'right_ankle',
    'head_top',
    'neck',
  ],
  flipPairs: [
    ['left_shoulder', 'right_shoulder'],
    ['left_elbow', 'right_elbow'],
    ['left_wrist', 'right_wrist'],
    ['left_hip', 'right_hip'],
    ['left_knee', 'right_knee'],
    ['left_ankle', 'right_ankle'],
  ],
  edges: [
    ['left_ankle', 'left_knee'],
    ['left_knee', 'left_hip'],
    ['right_ankle', 'right_knee'],
    ['right_knee', 'right_hip'],
    ['left_hip', 'right_hip'],
    ['left_shoulder', 'left_hip'],
    ['right_shoulder', 'right_hip'],
    ['left_shoulder', 'right_shoulder'],
    ['left_shoulder', 'left_elbow'],
    ['right_shoulder', 'right_elbow'],
    ['left_elbow', 'left_wrist'],
    ['right_elbow', 'right_wrist'],
    ['head_top', 'neck'],
    ['right_shoulder', 'neck'],
    ['left_shoulder', 'neck'],
  ],
  sigmas: [0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089, 0.079, 0.079],
});
