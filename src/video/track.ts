import type { Box, Keypoints } from '../keypoints';
import { oks } from '../metrics';
import type { PoseFilter } from './one-euro';
import { poseBox } from './pose-box';

/** The state of one tracked person. */
export interface Track {
  readonly id: number;
  readonly since: number;
  readonly smooth: PoseFilter | undefined;
  /** As estimated, before smoothing. */
  pose: Keypoints<'image'>;
  box: Box;
  /** Time of the pose. */
  time: number;
  /** Velocity of the box's centre, in pixels per second. */
  velocity: readonly [number, number];
  /** Number of pictures since then without the person. */
  missed: number;
  /** Number of consecutive detector runs that missed the person. */
  unseen: number;
}

/** The predicted box of a person: moved, and widened slightly for every picture in which the person was missed. */
export function nextBox({ box: [x, y, w, h], velocity, time, missed }: Track, now: number): Box {
  const [dx, dy] = moved(velocity, now - time);
  const grown = 1 + 0.1 * Math.min(5, missed);
  return [x + dx - ((grown - 1) * w) / 2, y + dy - ((grown - 1) * h) / 2, w * grown, h * grown];
}

/** A person is extrapolated for at most a third of a second. */
function moved([vx, vy]: readonly [number, number], seconds: number): [number, number] {
  const step = Math.min(1 / 3, Math.max(0, seconds));
  return [vx * step, vy * step];
}

/**
 * How well a pose continues a track, from 0 to 1: OKS with the predicted pose of the track. The longer the person has not
 * been seen, the farther it may have moved: the area in the comparison increases with that time.
 *
 * @param sigmas one per keypoint.
 */
export function likeness(track: Track, pose: Keypoints<'image'>, now: number, sigmas: readonly number[]): number {
  const [dx, dy] = moved(track.velocity, now - track.time);
  const xy = track.pose.xy.map((value, i) => value + (i & 1 ? dy : dx));
  const reach = 1 + 3 * Math.max(0, now - track.time);
  const [x, y, w, h] = track.box;
  return similarity({ ...track.pose, xy }, pose, [x, y, reach * w, reach * h], sigmas);
}

/** OKS of two poses; keypoints with low confidence in the first do not count. The area is half of the box, as a person fills it. */
export function similarity(
  a: Keypoints<'image'>,
  b: Keypoints<'image'>,
  [, , width, height]: Box,
  sigmas: readonly number[],
): number {
  const score = a.score.map((value) => (value >= 0.1 ? 2 : 0));
  return oks(b, { ...a, score }, { area: 0.5 * width * height, sigmas });
}

/** Corrects a track whose pose has left the person. What it moves by is no movement of the person. */
export function putBack(track: Track, box: Box): void {
  track.box = box;
  track.velocity = [0, 0];
}

/** Sizes of a person that it moves in a second, at most: a sprinter at 8 m/s. */
const FASTEST = 4;

/** Updates a track with a new pose. */
export function follow(track: Track, pose: Keypoints<'image'>, now: number, threshold: number): void {
  const found = poseBox(pose, threshold);
  const step = now - track.time;
  if (found !== undefined) {
    const before = track.box;
    // Keypoints cross the threshold frequently: the size is averaged, the position is updated at once.
    const [w, h] = [(before[2] + found[2]) / 2, (before[3] + found[3]) / 2];
    const center = [found[0] + found[2] / 2, found[1] + found[3] / 2] as const;
    if (step > 0) {
      // Of few pictures a second, half of the error of a pose would else be extrapolated into the next box, and grow.
      const share = Math.min(0.5, 8 * step);
      const fastest = FASTEST * Math.max(w, h);
      const speed = (axis: 0 | 1): number => {
        const now = (center[axis] - before[axis] - before[axis + 2]! / 2) / step;
        const next = track.velocity[axis] + share * (now - track.velocity[axis]);
        return Math.max(-fastest, Math.min(fastest, next));
      };
      track.velocity = [speed(0), speed(1)];
    }
    track.box = [center[0] - w / 2, center[1] - h / 2, w, h];
  }
  track.pose = pose;
  track.time = now;
  track.missed = 0;
}
