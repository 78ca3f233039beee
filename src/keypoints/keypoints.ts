/** The frame of coordinates: `image` is the photograph, `input` the network's crop; both in pixels, with [0, 0] at the first pixel's centre. */
export type Frame = 'image' | 'input';

/** `[width, height]`. Tensor shapes are `[height, width]`. */
export type Size = readonly [width: number, height: number];

/** `[x, y, width, height]`, top-left corner first, in pixels. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/**
 * K keypoints of one person. The frame is a runtime field and a type parameter, so mixing frames does not compile.
 *
 * - `xy`: `[x₀, y₀, x₁, y₁, …]`, 2·K pixels of `frame`.
 * - `score`: K values; the visibility in a ground truth (0 unlabelled, 1 occluded, 2 visible), the confidence in a prediction.
 */
export interface Keypoints<F extends Frame = Frame> {
  readonly frame: F;
  readonly xy: Float32Array;
  readonly score: Float32Array;
}

/**
 * Keypoints from COCO's flat triplets `[x, y, v, x, y, v, …]`.
 *
 * @param frame `'image'` or `'input'`
 * @throws RangeError when the length is not a multiple of three.
 * @example keypointsOf('image', annotation.keypoints).xy
 */
export function keypointsOf<F extends Frame>(frame: F, triplets: ArrayLike<number>): Keypoints<F> {
  if (triplets.length === 0 || triplets.length % 3 !== 0) {
    throw new RangeError(
      `keypointsOf: triplets must hold x, y and score of each keypoint. Received: ${triplets.length} numbers.`,
    );
  }
  const count = triplets.length / 3;
  const xy = new Float32Array(2 * count);
  const score = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    xy[2 * k] = triplets[3 * k]!;
    xy[2 * k + 1] = triplets[3 * k + 1]!;
    score[k] = triplets[3 * k + 2]!;
  }
  return { frame, xy, score };
}
