/** Parts of a figure by their number on the canvas, each below 32. */
export const PART = {
  torso: 1,
  head: 2,
  neck: 3,
  leftArm: [4, 5, 6],
  rightArm: [7, 8, 9],
  leftLeg: [10, 11, 12],
  rightLeg: [13, 14, 15],
} as const;

export type Part = number;
