import type { Keypoints, KeypointSet } from '../keypoints';

/** The average of each prediction with that for the mirrored crop: true takes the model's own keypoint set. */
export type FlipTest = boolean | { /** Whose left and right are exchanged. */ readonly keypointSet: KeypointSet };

/** The set of a flip test that is asked for, or undefined. @throws RangeError when it asks for the model's and there is none. */
export function flipSet(
  where: string,
  flipTest: FlipTest | undefined,
  own: KeypointSet | undefined,
): KeypointSet | undefined {
  if (flipTest === undefined || flipTest === false) return undefined;
  const set = flipTest === true ? own : flipTest.keypointSet;
  if (set === undefined || !Array.isArray(set.flipPairs)) {
    throw new RangeError(
      `${where}: flipTest: true needs a pose model, whose keypoints it takes. Received: ${flipTest === true ? 'a network alone' : 'no keypointSet'}. Give flipTest: { keypointSet: COCO }.`,
    );
  }
  return set;
}

/** Runs crops [N, H, W, 3] as they are to be fed, and gives keypoints in pixels of the crop. */
export interface PoseRunner {
  run(pixels: Float32Array, batch: number): Promise<Keypoints<'input'>[]>;
  dispose(): Promise<void>;
}
