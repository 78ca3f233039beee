import type { Keypoints, KeypointSet } from '../keypoints';

/** Averages each prediction with that for the mirrored crop; `true` uses the model's keypoint set. */
export type FlipTest = boolean | { /** Whose left and right are exchanged. */ readonly keypointSet: KeypointSet };

/** The keypoint set of a requested flip test, or undefined. @throws RangeError when it needs the model's and there is none. */
export function flipSet(
  where: string,
  flipTest: FlipTest | undefined,
  own: KeypointSet | undefined,
): KeypointSet | undefined {
  if (flipTest === undefined || flipTest === false) return undefined;
  const set = flipTest === true ? own : flipTest.keypointSet;
  if (set === undefined || !Array.isArray(set.flipPairs)) {
    throw new RangeError(
      `${where}: flipTest: true needs a pose model, whose keypoint set it uses. Received: ${flipTest === true ? 'a network alone' : 'no keypointSet'}. Pass flipTest: { keypointSet: COCO }.`,
    );
  }
  return set;
}

/** Runs crops [N, H, W, 3] with the input's normalisation, and returns keypoints in pixels of the crop. */
export interface PoseRunner {
  run(pixels: Float32Array, batch: number): Promise<Keypoints<'input'>[]>;
  dispose(): Promise<void>;
}
