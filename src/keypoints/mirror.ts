import type { Frame, Keypoints } from './keypoints';
import type { KeypointSet } from './keypoint-set';

/**
 * Which keypoint takes the place of each when an image is mirrored: `order[k]` is the counterpart of k.
 *
 * @example
 * mirrorOrder(COCO); // [0, 2, 1, 4, 3, 6, 5, …]
 */
export function mirrorOrder({ names, flipPairs }: KeypointSet): readonly number[] {
  const order = names.map((_, k) => k);
  for (const [a, b] of flipPairs) {
    order[a] = b;
    order[b] = a;
  }
  return order;
}

/**
 * The keypoints of the mirrored picture: x becomes `width − 1 − x`, and left and right are exchanged.
 *
 * @param width of the picture that `keypoints.frame` refers to, in pixels.
 * @throws RangeError when there are not as many keypoints as the set has.
 * @example
 * const mirrored = flipKeypoints(person, COCO, 192); // and tf.reverse(image, 1)
 */
export function flipKeypoints<F extends Frame>(
  { frame, xy, score }: Keypoints<F>,
  set: KeypointSet,
  width: number,
): Keypoints<F> {
  if (score.length !== set.names.length) {
    throw new RangeError(
      `flipKeypoints: a person of ${set.name} must have ${set.names.length} keypoints. Received: ${score.length}.`,
    );
  }
  const order = mirrorOrder(set);
  const flipped = new Float32Array(xy.length);
  order.forEach((from, k) => {
    flipped[2 * k] = width - 1 - xy[2 * from]!;
    flipped[2 * k + 1] = xy[2 * from + 1]!;
  });
  return { frame, xy: flipped, score: Float32Array.from(order, (from) => score[from]!) };
}
