import { keypointSet, type KeypointSet } from '../keypoint-set';

/**
 * The 17 animal keypoints of AP-10K (github.com/AlexTheBad/AP-10K). It publishes no sigmas; these are COCO's, keypoint by
 * keypoint in the order of the file, which other toolboxes also use.
 */
export const AP10K: KeypointSet = /* @__PURE__ */ keypointSet({
  name: 'ap10k',
  names: [
    'left_eye',
    'right_eye',
    'nose',
    'neck',
    'root_of_tail',
    'left_shoulder',
    'left_elbow',
    'left_front_paw',
    'right_shoulder',
    'right_elbow',
    'right_front_paw',
    'left_hip',
    'left_knee',
    'left_back_paw',
    'right_hip',
    'right_knee',
    'right_back_paw',
  ],
  flipPairs: [
    ['left_eye', 'right_eye'],
    ['left_shoulder', 'right_shoulder'],
    ['left_elbow', 'right_elbow'],
    ['left_front_paw', 'right_front_paw'],
    ['left_hip', 'right_hip'],
    ['left_knee', 'right_knee'],
    ['left_back_paw', 'right_back_paw'],
  ],
  edges: [
    ['left_eye', 'right_eye'],
    ['left_eye', 'nose'],
    ['right_eye', 'nose'],
    ['nose', 'neck'],
    ['neck', 'root_of_tail'],
    ['neck', 'left_shoulder'],
    ['left_shoulder', 'left_elbow'],
    ['left_elbow', 'left_front_paw'],
    ['neck', 'right_shoulder'],
    ['right_shoulder', 'right_elbow'],
    ['right_elbow', 'right_front_paw'],
    ['root_of_tail', 'left_hip'],
    ['left_hip', 'left_knee'],
    ['left_knee', 'left_back_paw'],
    ['root_of_tail', 'right_hip'],
    ['right_hip', 'right_knee'],
    ['right_knee', 'right_back_paw'],
  ],
  sigmas: [
    0.025, 0.025, 0.026, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089,
    0.089,
  ],
});
