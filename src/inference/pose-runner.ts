import type { Keypoints, KeypointSet } from '../keypoints';

/** The average of each prediction with that for the mirrored crop. */
export interface FlipTest {
  /** Whose left and right are exchanged. */
  keypointSet: KeypointSet;
  /** Moves the turned-back maps one cell to the right, as `flipAverage` says. @defaultValue true unless the codec is aligned to centers */
  shift?: boolean;
}

/** Runs normalised crops [N, H, W, 3], and gives the heatmaps' keypoints in pixels of the crop. */
export interface PoseRunner {
  run(pixels: Float32Array, batch: number): Promise<Keypoints<'input'>[]>;
  dispose(): Promise<void>;
}
