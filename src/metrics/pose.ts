import { hasFields, requireThat } from '../bytes';
/**
 * One person's keypoints as input of the metrics. `Keypoints` of any frame fit; so do plain arrays, which keep the
 * double precision that `Keypoints` (float32) lacks.
 *
 * - `xy`: `[x₀, y₀, x₁, y₁, …]`, 2·K pixels.
 * - `score`: K values; in a ground truth the visibility. A keypoint counts when it is above 0.
 */
export interface PoseLike {
  readonly xy: ArrayLike<number>;
  readonly score: ArrayLike<number>;
}

/** A {@link PoseLike}, or COCO's flat triplets `[x, y, v, x, y, v, …]`. */
export type PoseInput = PoseLike | ArrayLike<number>;

/**
 * Converts either form to a validated pose: K keypoints; every coordinate that is used must be finite.
 *
 * @param isLooked whether keypoint k is used. Default: all are. Many data sets mark unlabelled keypoints with NaN.
 * @throws RangeError naming `where` when lengths disagree, or a coordinate is not finite.
 */
export function poseOf(input: PoseInput, where: string, isLooked: (k: number) => boolean = () => true): PoseLike {
  requireThat(hasFields(input, 'xy', 'score') || hasFields(input, 'length'), where, 'a pose must be { xy, score }, or triplets x, y, v', input); // prettier-ignore
  const pose = 'xy' in input ? input : splitTriplets(input, where);
  if (pose.score.length === 0 || pose.xy.length !== 2 * pose.score.length) {
    throw new RangeError(
      `${where}: xy must hold two numbers for each score. Received: ${pose.xy.length} for ${pose.score.length} scores.`,
    );
  }
  for (let i = 0; i < pose.xy.length; i++) {
    if (!Number.isFinite(pose.xy[i]) && isLooked(i >> 1)) {
      throw new RangeError(`${where}: xy[${i}] must be a finite number. Received: ${pose.xy[i]}.`);
    }
  }
  for (let k = 0; k < pose.score.length; k++) {
    if (Number.isNaN(pose.score[k])) throw new RangeError(`${where}: score[${k}] must be a number. Received: NaN.`);
  }
  return pose;
}

function splitTriplets(triplets: ArrayLike<number>, where: string): PoseLike {
  if (triplets.length === 0 || triplets.length % 3 !== 0) {
    throw new RangeError(
      `${where}: triplets must hold x, y and v of each keypoint. Received: ${triplets.length} numbers.`,
    );
  }
  const count = triplets.length / 3;
  const xy = new Float64Array(2 * count);
  const score = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    xy[2 * k] = triplets[3 * k]!;
    xy[2 * k + 1] = triplets[3 * k + 1]!;
    score[k] = triplets[3 * k + 2]!;
  }
  return { xy, score };
}
