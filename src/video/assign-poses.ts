import type { Box, Keypoints } from '../keypoints';
import { confidenceOf, poseBox } from './pose-box';
import { likeness, similarity, type Track } from './track';

/** OKS from which two poses of one picture are the same person. */
const SAME = 0.6;
/** OKS from which a pose may continue a track. */
const CONTINUES = 0.15;

/** A pose, the index of the box that it was found in, and its confidence. */
export interface FoundPose {
  readonly pose: Keypoints<'image'>;
  readonly own: number;
  readonly confidence: number;
}

/** The poses that are sure enough, the surest first, each person once: two crops may contain the same. */
export function distinctPoses(
  poses: readonly Keypoints<'image'>[],
  boxes: readonly Box[],
  {
    minConfidence,
    threshold,
    sigmas,
  }: { readonly minConfidence: number; readonly threshold: number; readonly sigmas: readonly number[] },
): FoundPose[] {
  const sure = poses
    .map((pose, own) => ({ pose, own, confidence: confidenceOf(pose) }))
    .filter(({ confidence, pose }) => confidence >= minConfidence && poseBox(pose, threshold) !== undefined)
    .sort((a, b) => b.confidence - a.confidence);
  return sure.filter(
    ({ pose, own }, i) => !sure.slice(0, i).some((other) => similarity(other.pose, pose, boxes[own]!, sigmas) > SAME),
  );
}

/** Gives each track without a pose the free one that it is most like, the best pairs first; moves them from `free` to `owner`. */
export function pairUp(
  tracks: readonly Track[],
  free: Set<FoundPose>,
  owner: Map<Track, FoundPose>,
  { time, sigmas }: { readonly time: number; readonly sigmas: readonly number[] },
): void {
  const pairs = tracks
    .filter((track) => !owner.has(track))
    .flatMap((track) => [...free].map((found) => ({ track, found, oks: likeness(track, found.pose, time, sigmas) })))
    .filter(({ oks }) => oks >= CONTINUES)
    .sort((a, b) => b.oks - a.oks);
  for (const { track, found } of pairs) {
    if (owner.has(track) || !free.has(found)) continue;
    owner.set(track, found);
    free.delete(found);
  }
}
