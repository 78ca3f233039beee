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
 * @param isLooked whether keypoint k of these scores is used. Default: all are. Many data sets mark unlabelled keypoints with NaN.
 * @throws RangeError naming `where` when lengths disagree, or a coordinate is not finite.
 */
export function poseOf(
  input: PoseInput,
  where: string,
  isLooked: (k: number, score: ArrayLike<number>) => boolean = () => true,
): PoseLike {
  // Not `requireThat`, which would be a quarter of a small metric's lone import.
  const fail = (rule: string, received: unknown): never => {
    throw new RangeError(`${where}: ${rule}. Received: ${received as string}.`);
  };
  const given = ((typeof input === 'object' && (input as PoseInput | null)) || {}) as Partial<
    PoseLike & ArrayLike<number>
  >;
  const { length } = given;
  const { xy, score } =
    !('xy' in given) && length! > 0 && length! % 3 === 0 ? splitTriplets(given as ArrayLike<number>) : given;
  if (!xy || !score)
    return fail(
      'a pose must be { xy, score }, or triplets x, y, v',
      length! >= 0 ? `${length} numbers` : given === input ? `an object of ${Object.keys(given)}` : input,
    );
  if (score.length === 0 || xy.length !== 2 * score.length)
    fail('xy must hold two numbers for each score', `${xy.length} for ${score.length} scores`);
  for (let i = 0; i < xy.length; i++) {
    if (!Number.isFinite(xy[i]) && isLooked(i >> 1, score)) fail(`xy[${i}] must be a finite number`, xy[i]);
  }
  for (let k = 0; k < score.length; k++) if (Number.isNaN(score[k])) fail(`score[${k}] must be a number`, NaN);
  return { xy, score };
}

function splitTriplets(triplets: ArrayLike<number>): PoseLike {
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
