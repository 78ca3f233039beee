import { COCO, LSP, MPII, type KeypointSet } from '../../keypoints';

/** The known set with that number of keypoints, for annotations that name none. */
export function knownSetOf(count: number): KeypointSet | undefined {
  return [COCO, MPII, LSP].find(({ names }) => names.length === count);
}
