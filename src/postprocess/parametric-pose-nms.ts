import type { Box, Keypoints } from '../keypoints';

/** A pose of one image, as parametric suppression sees it. */
export interface BoxedPose {
  readonly keypoints: Keypoints<'image'>;
  /** `[x, y, width, height]` of the person's detection. */
  readonly box: Box;
  /** Of the detection. */
  readonly boxScore: number;
}

/** What was kept of a group of poses. */
export interface MergedPose {
  readonly keypoints: Keypoints<'image'>;
  /** Mean of the merged keypoint scores + the box's score + 1.25 · the largest of them. */
  readonly score: number;
  /** The pose that the others were compared with, in the list that was given. */
  readonly index: number;
  /** All that went into it, itself included. */
  readonly merged: readonly number[];
}

/** One round of suppression: the pose picked, and how every pose then left compares with it. */
export interface PoseNmsRound {
  readonly index: number;
  readonly left: readonly number[];
  readonly similarity: readonly number[];
  readonly matches: readonly number[];
  readonly merged: readonly number[];
}

/** The constants of AlphaPose's `pPose_nms.py`, as it is deployed. Distances in pixels of the image. */
export const PARAMETRIC_POSE_NMS = {
  /** δ₁: keypoint scores are divided by it before the tanh. */
  scoreScale: 1,
  /** Keypoints at most this far apart count as the same in the confidence term. The paper has a tenth of the box here. */
  sameWithin: 1,
  /** μ: weight of the distance term. */
  distanceWeight: 1.7,
  /** δ₂: distances are divided by it, not squared as in the paper. */
  distanceScale: 2.65,
  /** γ, the paper's η: poses more similar than this are one person. */
  similarity: 22.48,
  /** So are poses of which this many keypoints match. */
  matches: 5,
  /** α: the reference distance is this share of the longer side of the picked pose's box. */
  reference: 0.1,
  /** Keypoints match within the reference distance, but at most this. */
  matchWithin: 7,
  /** And are merged within the reference distance, but at most this. */
  mergeWithin: 15,
  /** A pose whose best keypoint is below, before or after merging, is dropped. */
  score: 0.3,
  /** Added to both coordinates of the result. */
  shift: -0.3,
  /** Weight of the best keypoint in the final score. */
  best: 1.25,
} as const;

export type ParametricPoseNmsOptions = Partial<Record<keyof typeof PARAMETRIC_POSE_NMS, number>> & {
  /** Told each round, for a look inside. */
  readonly onRound?: (round: PoseNmsRound) => void;
};

type Constants = Record<keyof typeof PARAMETRIC_POSE_NMS, number>;
const distance = (a: Keypoints, b: Keypoints, k: number): number =>
  Math.hypot(a.xy[2 * k]! - b.xy[2 * k]!, a.xy[2 * k + 1]! - b.xy[2 * k + 1]!);
/** Zero would divide the merge by zero. */
const scoreOf = (score: number): number => (score === 0 ? 1e-5 : score);
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => Math.max(a, b), -Infinity);

/** How alike two poses are: near keypoints by their confidence, all by their distance. */
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

/** Per keypoint the mean of a group's positions near the picked one's, weighted by score, and Σ score² / Σ score. */
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
 * deploys: the pose with the highest mean keypoint score takes all that are like it, their keypoints are merged, and so on with the rest. Highest first.
 *
 * Follows `pPose_nms.py` of github.com/MVIG-SJTU/AlphaPose (branch pytorch), whose constants {@link PARAMETRIC_POSE_NMS} names; each can be given. It differs
 * from the paper: a fixed pixel in place of a tenth of the box, exp(−d / δ₂) in place of exp(−d² / σ₂), and the rule of matching keypoints, which the paper
 * has not.
 *
 * @throws RangeError when counts of keypoints differ, or a score, coordinate or box is not finite.
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
    // The picked pose goes in any case, also one that is not like itself, of few keypoints and low scores.
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
