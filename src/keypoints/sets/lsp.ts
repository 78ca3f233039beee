import { keypointSet, type KeypointSet } from '../keypoint-set';

/** The 14 keypoints of Leeds Sports Poses. It publishes no OKS sigmas; those of COCO's most similar keypoints are used. */
export const LSP: KeypointSet = /* @__PURE__ */ keypointSet({
  name: 'lsp',
  names: [
    'right_ankle',
    'right_knee',
    'right_hip',
    'left_hip',
    'left_knee',
    'left_ankle',
    'right_wrist',
    'right_elbow',
    'right_shoulder',
    'left_shoulder',
    'left_elbow',
    'left_wrist',
    'neck',
    'head_top',
  ],
  flipPairs: [
    ['right_ankle', 'left_ankle'],
    ['right_knee', 'left_knee'],
    ['right_hip', 'left_hip'],
    ['right_wrist', 'left_wrist'],
    ['right_elbow', 'left_elbow'],
    ['right_shoulder', 'left_shoulder'],
  ],
  edges: [
    ['right_ankle', 'right_knee'],
    ['right_knee', 'right_hip'],
    ['left_ankle', 'left_knee'],
    ['left_knee', 'left_hip'],
    ['right_hip', 'left_hip'],
    ['right_hip', 'right_shoulder'],
    ['left_hip', 'left_shoulder'],
    ['right_shoulder', 'left_shoulder'],
    ['right_shoulder', 'right_elbow'],
    ['right_elbow', 'right_wrist'],
    ['left_shoulder', 'left_elbow'],
    ['left_elbow', 'left_wrist'],
    ['neck', 'head_top'],
  ],
  sigmas: [0.089, 0.087, 0.107, 0.107, 0.087, 0.089, 0.062, 0.072, 0.079, 0.079, 0.072, 0.062, 0.079, 0.035],
});

/**
 * The keypoints of the Leeds extended training set (LSPET): those of {@link LSP} in the same order. Its labels are coarser;
 * keypoints that it marks as missing must have score 0.
 */
// A spread at module level would keep both sets in every bundle.
export const LSP_EXTENDED: KeypointSet = /* @__PURE__ */ Object.assign({}, LSP, { name: 'lsp-extended' });
