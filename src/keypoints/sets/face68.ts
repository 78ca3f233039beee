import { keypointSet, type KeypointSet } from '../keypoint-set';

/** Adjacent points of a contour; closed contours return to their start. */
const contour = (names: readonly string[], closed = false): (readonly [string, string])[] =>
  names.flatMap((name, i) => {
    const next = names[i + 1] ?? (closed ? names[0] : undefined);
    return next === undefined ? [] : [[name, next] as const];
  });

// The order of the Multi-PIE / iBUG 300-W markup.
// prettier-ignore
const NAMES = [
  'right_jaw1', 'right_jaw2', 'right_jaw3', 'right_jaw4', 'right_jaw5', 'right_jaw6', 'right_jaw7', 'right_jaw8', 'chin',
  'left_jaw8', 'left_jaw7', 'left_jaw6', 'left_jaw5', 'left_jaw4', 'left_jaw3', 'left_jaw2', 'left_jaw1',
  'right_eyebrow1', 'right_eyebrow2', 'right_eyebrow3', 'right_eyebrow4', 'right_eyebrow5', 'left_eyebrow5', 'left_eyebrow4', 'left_eyebrow3', 'left_eyebrow2', 'left_eyebrow1',
  'nose_bridge1', 'nose_bridge2', 'nose_bridge3', 'nose_bridge4', 'right_nostril2', 'right_nostril1', 'nose_base', 'left_nostril1', 'left_nostril2',
  'right_eye_outer', 'right_eye_upper_outer', 'right_eye_upper_inner', 'right_eye_inner', 'right_eye_lower_inner', 'right_eye_lower_outer',
  'left_eye_inner', 'left_eye_upper_inner', 'left_eye_upper_outer', 'left_eye_outer', 'left_eye_lower_outer', 'left_eye_lower_inner',
  'right_mouth_corner', 'right_upper_lip2', 'right_upper_lip1', 'upper_lip', 'left_upper_lip1', 'left_upper_lip2',
  'left_mouth_corner', 'left_lower_lip2', 'left_lower_lip1', 'lower_lip', 'right_lower_lip1', 'right_lower_lip2',
  'right_inner_corner', 'right_inner_upper_lip', 'inner_upper_lip', 'left_inner_upper_lip',
  'left_inner_corner', 'left_inner_lower_lip', 'inner_lower_lip', 'right_inner_lower_lip',
] as const;

const part = (first: number, last: number): readonly string[] => NAMES.slice(first, last + 1);

/**
 * The 68 points of a face (300-W, COCO-WholeBody). Left and right are the person's: the markup starts at the right
 * ear. Sigmas: COCO-WholeBody's (github.com/jin-s13/COCO-WholeBody).
 */
export const FACE_68: KeypointSet = /* @__PURE__ */ face();

function face(): KeypointSet {
  return keypointSet({
    name: 'face-68',
    names: NAMES,
    flipPairs: NAMES.filter((name) => name.startsWith('right_')).map((name) => [name.replace('right_', 'left_'), name]),
    edges: [
      ...contour(part(0, 16)), // jaw
      ...contour(part(17, 21)), // eyebrows
      ...contour(part(22, 26)),
      ...contour(part(27, 30)), // nose
      ...contour(part(31, 35)),
      ...contour(part(36, 41), true), // eyes
      ...contour(part(42, 47), true),
      ...contour(part(48, 59), true), // lips
      ...contour(part(60, 67), true),
    ],
    // prettier-ignore
    sigmas: [
      0.042, 0.043, 0.044, 0.043, 0.040, 0.035, 0.031, 0.025, 0.020, 0.023, 0.029, 0.032, 0.037, 0.038,
      0.043, 0.041, 0.045, 0.013, 0.012, 0.011, 0.011, 0.012, 0.012, 0.011, 0.011, 0.013, 0.015, 0.009,
      0.007, 0.007, 0.007, 0.012, 0.009, 0.008, 0.016, 0.010, 0.017, 0.011, 0.009, 0.011, 0.009, 0.007,
      0.013, 0.008, 0.011, 0.012, 0.010, 0.034, 0.008, 0.008, 0.009, 0.008, 0.008, 0.007, 0.010, 0.008,
      0.009, 0.009, 0.009, 0.007, 0.007, 0.008, 0.011, 0.008, 0.008, 0.008, 0.01, 0.008,
    ],
  });
}
