import { poseOf, type PoseInput } from '../pose';

/** The distance of a labelled keypoint from its truth in pixels, and the length by which it is divided. */
export interface Distance {
  readonly keypoint: number;
  readonly pixels: number;
  readonly unit: number;
}

/**
 * The distances of all labelled keypoints, person by person.
 *
 * @param normalizer one length for all, or one each; a person whose normaliser is NaN is left out.
 * @throws RangeError when the counts differ, a coordinate is not finite, or a normaliser is not positive.
 */
export function distances(
  where: string,
  keypoints: number,
  predicted: readonly PoseInput[],
  truth: readonly PoseInput[],
  normalizer: number | ArrayLike<number>,
): Distance[] {
  const units = typeof normalizer === 'number' ? truth.map(() => normalizer) : Array.from(normalizer);
  if (predicted.length !== truth.length || units.length !== truth.length) {
    throw new RangeError(
      `${where}: predicted, truth and normaliser must have the same length. Received: ${predicted.length}, ${truth.length}, ${units.length}.`,
    );
  }
  const all: Distance[] = [];
  truth.forEach((person, n) => {
    // Unlabelled keypoints are not read, whatever their values, as in MMPose.
    const { xy, score } = poseOf(person, `${where}: truth[${n}]`, (k, own) => own[k]! > 0);
    const found = poseOf(predicted[n]!, `${where}: predicted[${n}]`, (k) => score[k]! > 0);
    if (score.length !== keypoints || found.score.length !== keypoints) {
      throw new RangeError(
        `${where}: person ${n} must have ${keypoints} keypoints. Received: ${found.score.length} predicted, ${score.length} true.`,
      );
    }
    const unit = units[n]!;
    if (unit <= 0 || unit === Infinity) {
      throw new RangeError(
        `${where}: normaliser of person ${n} must be positive, or NaN to leave it out. Received: ${unit}.`,
      );
    }
    for (let keypoint = 0; keypoint < keypoints; keypoint++) {
      if (!(score[keypoint]! > 0 && unit > 0)) continue;
      const dx = found.xy[2 * keypoint]! - xy[2 * keypoint]!;
      const dy = found.xy[2 * keypoint + 1]! - xy[2 * keypoint + 1]!;
      all.push({ keypoint, pixels: Math.sqrt(dx * dx + dy * dy), unit });
    }
  });
  return all;
}
