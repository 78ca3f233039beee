import { keypointSet, type KeypointSet } from '../keypoint-set';

/**
 * The 21 keypoints of one hand: the wrist, then four per finger from palm to tip. A hand has no left and right, so
 * mirroring swaps nothing. Sigmas: COCO-WholeBody's (github.com/jin-s13/COCO-WholeBody).
 */
export const HAND_21: KeypointSet = /* @__PURE__ */ keypointSet({
  name: 'hand-21',
  names: [
    'wrist',
    'thumb1',
    'thumb2',
    'thumb3',
    'thumb4',
    'forefinger1',
    'forefinger2',
    'forefinger3',
    'forefinger4',
    'middle_finger1',
    'middle_finger2',
    'middle_finger3',
    'middle_finger4',
    'ring_finger1',
    'ring_finger2',
    'ring_finger3',
    'ring_finger4',
    'pinky_finger1',
    'pinky_finger2',
    'pinky_finger3',
    'pinky_finger4',
  ],
  edges: [
    ['wrist', 'thumb1'],
    ['thumb1', 'thumb2'],
    ['thumb2', 'thumb3'],
    ['thumb3', 'thumb4'],
    ['wrist', 'forefinger1'],
    ['forefinger1', 'forefinger2'],
    ['forefinger2', 'forefinger3'],
    ['forefinger3', 'forefinger4'],
    ['wrist', 'middle_finger1'],
    ['middle_finger1', 'middle_finger2'],
    ['middle_finger2', 'middle_finger3'],
    ['middle_finger3', 'middle_finger4'],
    ['wrist', 'ring_finger1'],
    ['ring_finger1', 'ring_finger2'],
    ['ring_finger2', 'ring_finger3'],
    ['ring_finger3', 'ring_finger4'],
    ['wrist', 'pinky_finger1'],
    ['pinky_finger1', 'pinky_finger2'],
    ['pinky_finger2', 'pinky_finger3'],
    ['pinky_finger3', 'pinky_finger4'],
  ],
  sigmas: [
    0.029, 0.022, 0.035, 0.037, 0.047, 0.026, 0.025, 0.024, 0.035, 0.018, 0.024, 0.022, 0.026, 0.017, 0.021, 0.021,
    0.032, 0.02, 0.019, 0.022, 0.031,
  ],
});
