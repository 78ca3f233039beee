import type { Frame, Keypoints } from './keypoints';
import type { KeypointSet } from './keypoint-set';

/**
 * Flip indices: which keypoint takes the place of each when an image is mirrored; `order[k]` is the counterpart of k.
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
 * Swaps the left and right keypoints; the coordinates do not change.
 *
 * @throws RangeError when the number of keypoints differs from the set's.
 * @example exchangePairs(person, COCO)
 */
export function exchangePairs<K extends Keypoints>(keypoints: K, set: KeypointSet): K {
  const { xy, score } = keypoints;
  if (score.length !== set.names.length) {
    throw new RangeError(
      `exchangePairs: a person of ${set.name} must have ${set.names.length} keypoints. Received: ${score.length}.`,
    );
  }
  const order = mirrorOrder(set);
  const exchanged = new Float32Array(xy.length);
  order.forEach((from, k) => exchanged.set(xy.subarray(2 * from, 2 * from + 2), 2 * k));
  return { ...keypoints, xy: exchanged, score: Float32Array.from(order, (from) => score[from]!) };
}

/**
 * The keypoints in the mirrored picture: x becomes `width − 1 − x`, and left and right are swapped.
 *
 * @param width width in pixels of the picture that `keypoints.frame` refers to.
 * @throws RangeError when the number of keypoints differs from the set's.
 * @example
 * const mirrored = flipKeypoints(person, COCO, 192); // and tf.reverse(image, 1)
 */
export function flipKeypoints<F extends Frame>(keypoints: Keypoints<F>, set: KeypointSet, width: number): Keypoints<F> {
  const { frame, xy, score } = exchangePairs(keypoints, set);
  for (let i = 0; i < xy.length; i += 2) xy[i] = width - 1 - xy[i]!;
  return { frame, xy, score };
}
