import type { Box, Keypoints } from '../../keypoints';

/** A person whose labels are counted. */
export interface BoxedPose {
  readonly keypoints: Keypoints<'image'>;
  /** `[x, y, width, height]`, pixels. */
  readonly box: Box;
}

/**
 * The mean pose of people within their boxes, stretched to any box: what a network would score that never looks at the image. A PCK says little without that of the mean
 * pose beside it.
 *
 * @param people the training set; keypoints whose score is 0 are not counted.
 * @returns the pose for a box, pixels; keypoints that nobody has labelled are in its centre, with a score of 0.
 * @throws RangeError when there are no people, or they differ in their number of keypoints.
 * @example
 * const baseline = meanPose(training);
 * const { mean } = pck(held.map(({ box }) => baseline(box)), held.map(({ keypoints }) => keypoints), { normalizer: longerSides(boxes) });
 */
export function meanPose(people: readonly BoxedPose[]): (box: Box) => Keypoints<'image'> {
  if (people.length === 0) throw new RangeError('meanPose: there must be people to take the mean of. Received: none.');
  const count = people[0]!.keypoints.score.length;
  const sums = new Float64Array(2 * count);
  const labelled = new Float64Array(count);
  for (const [n, { keypoints, box }] of people.entries()) {
    if (keypoints.score.length !== count) {
      throw new RangeError(
        `meanPose: all people must have as many keypoints as the first, ${count}. Received: ${keypoints.score.length} of person ${n}.`,
      );
    }
    for (let k = 0; k < count; k++) {
      if (!(keypoints.score[k]! > 0)) continue;
      labelled[k]!++;
      for (const axis of [0, 1] as const) {
        sums[2 * k + axis]! += (keypoints.xy[2 * k + axis]! - box[axis]) / box[axis === 0 ? 2 : 3];
      }
    }
  }
  const place = sums.map((sum, i) => (labelled[i >> 1]! > 0 ? sum / labelled[i >> 1]! : 0.5));
  return ([x, y, width, height]) => ({
    frame: 'image',
    xy: Float32Array.from(place, (value, i) => (i % 2 === 0 ? x + value * width : y + value * height)),
    score: Float32Array.from(labelled, (value) => (value > 0 ? 1 : 0)),
  });
}
