/** `[x, y, width, height]` in pixels of the image, top-left corner first. */
export type PoseBox = readonly [x: number, y: number, width: number, height: number];

/**
 * One person to draw. Every `Keypoints` fits; `{ ...keypoints, box, label }` adds the rest.
 *
 * - `xy`: `[x₀, y₀, x₁, y₁, …]` in pixels of the image. A keypoint with a coordinate that is not finite is not drawn.
 * - `score`: K values, by default 1; `kind` gives their meaning.
 * - `kind`: `'prediction'` (default): confidence, 0 … 1, drawn as opacity above the threshold;
 *   `'truth'`: visibility, 0 unlabelled (not drawn), 1 occluded (hollow and dashed), 2 visible.
 * - `color`: one colour for the whole person, in place of `colors` of the options.
 * - `id`: id of a tracked person, which keeps its colour from picture to picture. Default: the index in the list.
 * - `thin`: thinner limbs and keypoints, for a ground truth over a prediction. Default: false.
 */
export interface Pose {
  readonly xy: ArrayLike<number>;
  readonly score?: ArrayLike<number>;
  readonly kind?: 'prediction' | 'truth';
  readonly box?: PoseBox;
  readonly label?: string;
  readonly color?: string;
  readonly id?: number;
  readonly thin?: boolean;
}

/** The lines between keypoints. Every `KeypointSet` fits. */
export interface Skeleton {
  readonly names?: readonly string[];
  readonly edges: readonly (readonly [number, number])[];
}

/** One keypoint to draw, or `undefined` for one that is not drawn. */
export interface PoseMark {
  readonly x: number;
  readonly y: number;
  readonly opacity: number;
  readonly occluded: boolean;
}

/** The keypoints of a pose to draw, with their position and confidence. */
export function poseMarks(pose: Pose, threshold: number): (PoseMark | undefined)[] {
  const { xy, score, kind = 'prediction' } = pose;
  const count = xy.length / 2;
  if (!Number.isInteger(count)) {
    throw new RangeError(`poseSvg: xy must hold x and y of each keypoint. Received: ${xy.length} numbers.`);
  }
  if (score !== undefined && score.length !== count) {
    throw new RangeError(`poseSvg: score must hold one value per keypoint. Received: ${score.length} for ${count}.`);
  }
  return Array.from({ length: count }, (_, k) => {
    // Half a pixel: coordinate 0 is the first pixel's centre, and SVG's 0 its edge.
    const x = xy[2 * k]! + 0.5;
    const y = xy[2 * k + 1]! + 0.5;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return undefined;
    const value = score === undefined ? undefined : score[k]!;
    if (kind === 'truth') {
      if (value !== undefined && !(value > 0)) return undefined;
      return { x, y, opacity: 1, occluded: value !== undefined && value < 2 };
    }
    if (value !== undefined && !(value >= threshold)) return undefined;
    return { x, y, opacity: value === undefined ? 1 : 0.45 + 0.55 * Math.min(1, Math.max(0, value)), occluded: false };
  });
}

/** Side of a keypoint by its name; keypoints without a side are on the body's axis. */
export function sideOf(name: string | undefined): 'left' | 'right' | 'center' {
  return /^l(eft)?[\b_ -]/i.test(name ?? '') ? 'left' : /^r(ight)?[\b_ -]/i.test(name ?? '') ? 'right' : 'center';
}
