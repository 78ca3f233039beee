import type { Box, Keypoints } from '../keypoints';

/** A pose of one image, as parametric suppression takes it. */
export interface BoxedPose {
  readonly keypoints: Keypoints<'image'>;
  /** `[x, y, width, height]` of the person's detection. */
  readonly box: Box;
  /** Score of the detection. */
  readonly boxScore: number;
}

/** The result of merging a group of poses. */
export interface MergedPose {
  readonly keypoints: Keypoints<'image'>;
  /** Mean of the merged keypoint scores + the box's score + 1.25 · the largest of them. */
  readonly score: number;
  /** Index, in the input list, of the pose that the others were compared with. */
  readonly index: number;
  /** Indices of all merged poses, including that one. */
  readonly merged: readonly number[];
}

/** One round of suppression: the picked pose, and how each remaining pose compares with it. */
export interface PoseNmsRound {
  readonly index: number;
  readonly left: readonly number[];
  readonly similarity: readonly number[];
  readonly matches: readonly number[];
  readonly merged: readonly number[];
}

/** The constants of AlphaPose's `pPose_nms.py`, as deployed. Distances are in pixels of the image. */
export const PARAMETRIC_POSE_NMS = {
  /** δ₁: keypoint scores are divided by it before the tanh. */
  scoreScale: 1,
  /** Keypoints at most this far apart match in the confidence term. The paper uses a tenth of the box. */
  sameWithin: 1,
  /** μ: weight of the distance term. */
  distanceWeight: 1.7,
  /** δ₂: distances are divided by it, not squared as in the paper. */
  distanceScale: 2.65,
  /** γ, the paper's η: poses more similar than this are the same person. */
  similarity: 22.48,
  /** Poses with at least this number of matching keypoints are also the same person. */
  matches: 5,
  /** α: the reference distance is this fraction of the longer side of the picked pose's box. */
  reference: 0.1,
  /** Maximum distance of matching keypoints, where the reference distance is larger. */
  matchWithin: 7,
  /** Maximum distance of merged keypoints, where the reference distance is larger. */
  mergeWithin: 15,
  /** A pose whose best keypoint scores below this, before or after merging, is dropped. */
  score: 0.3,
  /** Added to both coordinates of the result. */
  shift: -0.3,
  /** Weight of the best keypoint in the final score. */
  best: 1.25,
} as const;

/** Options of {@link parametricPoseNms}. */
export type ParametricPoseNmsOptions = Partial<Record<keyof typeof PARAMETRIC_POSE_NMS, number>> & {
  /** Receives each round, for inspection. */
  readonly onRound?: (round: PoseNmsRound) => void;
};

type Constants = Record<keyof typeof PARAMETRIC_POSE_NMS, number>;
const distance = (a: Keypoints, b: Keypoints, k: number): number =>
  Math.hypot(a.xy[2 * k]! - b.xy[2 * k]!, a.xy[2 * k + 1]! - b.xy[2 * k + 1]!);
/** Prevents a division by zero in the merge. */
const scoreOf = (score: number): number => (score === 0 ? 1e-5 : score);
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => Math.max(a, b), -Infinity);

/** Similarity of two poses: near keypoints by their confidence, all by their distance. */
function similarity(a: Keypoints, b: Keypoints, c: Constants): number {
  let [confident, near] = [0, 0];
  for (let k = 0; k < a.score.length; k++) {
    const d = distance(a, b, k);
    if (d <= c.sameWithin) confident += Math.tanh(a.score[k]! / c.scoreScale) * Math.tanh(b.score[k]! / c.scoreScale);
    near += Math.exp(-d / c.distanceScale);
  }
  return confident + c.distanceWeight * near;
}

function matching(a: Keypoints, b: Keypoints, within: number): number {
  let count = 0;
  for (let k = 0; k < a.score.length; k++) if (distance(a, b, k) / within <= 1) count++;
  return count;
}

/** For each keypoint the mean position of the group's keypoints near the picked one, weighted by score, and Σ score² / Σ score. */
function merge(picked: Keypoints<'image'>, group: readonly Keypoints[], within: number, shift: number) {
  const K = picked.score.length;
  const [xy, score] = [new Float32Array(2 * K), new Float32Array(K)];
  for (let k = 0; k < K; k++) {
    let [sum, squares, x, y] = [0, 0, 0, 0];
    for (const each of group) {
      if (distance(picked, each, k) > within) continue;
      const weight = each.score[k]!;
      sum += weight;
      squares += weight * weight;
      x += weight * each.xy[2 * k]!;
      y += weight * each.xy[2 * k + 1]!;
    }
    xy[2 * k] = x / sum + shift;
    xy[2 * k + 1] = y / sum + shift;
    score[k] = squares / sum;
  }
  return { frame: 'image' as const, xy, score };
}

/**
 * Parametric pose suppression (Fang et al., "RMPE: Regional Multi-Person Pose Estimation", 2017, section 3.2; arXiv:1612.00137) in the form that AlphaPose
 * deploys: the pose with the highest mean keypoint score absorbs all similar poses and their keypoints are merged; this repeats with the rest. Highest first.
 *
 * Follows `pPose_nms.py` of github.com/MVIG-SJTU/AlphaPose (branch pytorch), with the constants of {@link PARAMETRIC_POSE_NMS}, each of which can be set. It differs
 * from the paper: a fixed number of pixels in place of a tenth of the box, exp(−d / δ₂) in place of exp(−d² / σ₂), and the rule of matching keypoints, which the paper
 * does not have.
 *
 * @throws RangeError when the numbers of keypoints differ, or a score, coordinate or box is not finite.
 * @example for (const { keypoints, score } of parametricPoseNms(poses)) results.push(toCocoResult(keypoints, { imageId, score }));
 */
export function parametricPoseNms(poses: readonly BoxedPose[], options: ParametricPoseNmsOptions = {}): MergedPose[] {
  const { onRound, ...given } = options;
  const c: Constants = { ...PARAMETRIC_POSE_NMS, ...given };
  const people = poses.map(({ keypoints, box, boxScore }, i) => {
    if (keypoints.score.length !== poses[0]!.keypoints.score.length || keypoints.score.length === 0) {
      throw new RangeError(
        `parametricPoseNms: poses must have the same number of keypoints. Received: ${keypoints.score.length} in pose ${i}, ${poses[0]!.keypoints.score.length} in the first.`,
      );
    }
    const wrong = [...keypoints.xy, ...keypoints.score, ...box, boxScore].find((value) => !Number.isFinite(value));
    if (wrong !== undefined) {
      throw new RangeError(
        `parametricPoseNms: coordinates, boxes and scores must be finite. Received: ${wrong} in pose ${i}. Leave such poses out.`,
      );
    }
    return { ...keypoints, score: keypoints.score.map(scoreOf) };
  });
  const means = people.map(({ score }) => mean(score));
  const found: MergedPose[] = [];
  for (let left = people.map((_, i) => i); left.length > 0;) {
    const index = left.reduce((best, i) => (means[i]! > means[best]! ? i : best));
    const [picked, { box, boxScore }] = [people[index]!, poses[index]!];
    const reference = c.reference * Math.max(box[2], box[3]);
    const alike = left.map((i) => similarity(picked, people[i]!, c));
    const matches = left.map((i) => matching(picked, people[i]!, Math.min(reference, c.matchWithin)));
    // The picked pose is always removed, even one with few keypoints and low scores that is not similar to itself.
    const merged = left.filter((i, n) => i === index || alike[n]! > c.similarity || matches[n]! >= c.matches);
    onRound?.({ index, left, similarity: alike, matches, merged });
    left = left.filter((i) => !merged.includes(i));
    if (largest(picked.score) < c.score) continue;
    const group = merged.map((i) => people[i]!);
    const keypoints = merge(picked, group, Math.min(reference, c.mergeWithin), c.shift);
    const best = largest(keypoints.score);
    if (best < c.score) continue;
    found.push({ keypoints, score: mean(keypoints.score) + boxScore + c.best * best, index, merged });
  }
  return found;
}
