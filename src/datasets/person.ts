import type { Box, Keypoints, KeypointSet, Size } from '../keypoints';

/** One annotated person of a dataset. Sizes are `[width, height]`, everything is in pixels of the image. */
export interface Person {
  /** The annotation's id; unique in its dataset. */
  readonly id: number;
  readonly imageId: number;
  /** As the annotation file gives it, relative to the folder of the images. */
  readonly fileName: string;
  /** Absent where the annotation file does not give it (MPII, LSP). */
  readonly imageSize?: Size;
  readonly box: Box;
  readonly keypoints: Keypoints<'image'>;
  /** Area of the person's segment, px²; OKS measures distances in its square root. */
  readonly area: number;
  readonly iscrowd: boolean;
  /** MPII and LSP: where the person is, and its size in units of 200 px. The crop follows it in place of the box. */
  readonly center?: readonly [x: number, y: number];
  readonly scale?: number;
  /** MPII: head size of PCKh, 0.6 of the head box's diagonal, px. */
  readonly headSize?: number;
}

/** Why a record was left out. */
export type SkipReason =
  | 'crowd'
  | 'no-keypoints'
  | 'no-area'
  | 'box-outside-image'
  | 'no-category-keypoints'
  | 'no-annotation'
  | 'unknown-image'
  | 'other-category'
  | 'low-score'
  | 'unreadable-image';

/** A record left out, and why: readers report these and never drop anything in silence. */
export interface Skip {
  readonly reason: SkipReason;
  /** The annotation's id. */
  readonly id: number;
  readonly fileName: string;
  readonly detail: string;
}

/** What a reader makes of an annotation file. */
export interface PoseDataset {
  readonly keypointSet: KeypointSet;
  readonly persons: readonly Person[];
  readonly skipped: readonly Skip[];
}
