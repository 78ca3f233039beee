import type { Keypoints, Size } from '../keypoints';

/**
 * The pose moved so that the box of its labelled keypoints is centred in the input: the target of RMPE's parallel branch (Fang et al. 2017, section 3.1),
 * which sees a transformed image. Unlabelled keypoints are moved as well.
 *
 * @param inputSize `[width, height]`
 * @example codec.encodeBatch(people.map((person) => centerPose(person, codec.inputSize)))
 */
export function centerPose(keypoints: Keypoints<'input'>, inputSize: Size): Keypoints<'input'> {
  const { xy, score } = keypoints;
  const moved = xy.slice();
  for (const axis of [0, 1] as const) {
    const labelled = Array.from(score.keys())
      .filter((k) => score[k]! > 0)
      .map((k) => xy[2 * k + axis]!);
    if (labelled.length === 0) return keypoints;
    const shift = (inputSize[axis] - 1) / 2 - (Math.min(...labelled) + Math.max(...labelled)) / 2;
    for (let k = 0; k < score.length; k++) moved[2 * k + axis]! += shift;
  }
  return { ...keypoints, xy: moved };
}
