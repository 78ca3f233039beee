/** `poseblocks/video` with a witness: what a program's loop did with each picture, in `globalThis.seen`. */
import * as tf from '@tensorflow/tfjs-core';
import {
  frames as plainFrames,
  trackPoses as plainTrackPoses,
  type FramesOptions,
  type PoseEstimator,
  type TrackedPose,
  type TrackPosesOptions,
} from 'poseblocks/video';

export { drawPose, fitCanvas } from 'poseblocks/video';

/** One picture that the loop has finished with. */
export interface SeenPicture {
  readonly people: readonly { readonly id: number; readonly box: readonly number[] }[];
  /** Seconds of the camera, and how much older the picture was than what the video showed when the loop got it. */
  readonly time: number;
  readonly behind: number;
  readonly dropped: number;
  /** Alive when the loop asked for the next picture. */
  readonly tensors: number;
  /** Milliseconds: when the loop got the picture, and how long it kept it. */
  readonly at: number;
  readonly took: number;
}

const seen: SeenPicture[] = [];
let people: readonly TrackedPose[] = [];

export function trackPoses(estimator: PoseEstimator, options?: TrackPosesOptions): ReturnType<typeof plainTrackPoses> {
  const tracker = plainTrackPoses(estimator, options);
  const update: typeof tracker.update = async (image, time) =>
    (people = await tracker.update(image, time)) as TrackedPose[];
  return { ...tracker, update };
}

export async function* frames(video: HTMLVideoElement, options?: FramesOptions): ReturnType<typeof plainFrames> {
  for await (const picture of plainFrames(video, options)) {
    const { time, dropped } = picture;
    const [at, behind] = [performance.now(), video.currentTime - time];
    yield picture;
    const { numTensors: tensors } = tf.memory();
    const found = people.map(({ id, box }) => ({ id, box: [...box] }));
    seen.push({ people: found, time, behind, dropped, tensors, at, took: performance.now() - at });
  }
}

Object.assign(globalThis, { seen });
