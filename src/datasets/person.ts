import type { Box, Keypoints, KeypointSet, Size } from '../keypoints';

/** One annotated person of a dataset. Sizes are `[width, height]`; all coordinates are in pixels of the image. */
export interface Person {
  /** The annotation's id, unique in its dataset. */
  readonly id: number;
  readonly imageId: number;
  /** As in the annotation file, relative to the folder of the images. */
  readonly fileName: string;
  /** Absent where the annotation file lacks it (MPII, LSP). */
  readonly imageSize?: Size;
  readonly box: Box;
  readonly keypoints: Keypoints<'image'>;
  /** Area of the person's segment in px²; OKS measures distances relative to its square root. */
  readonly area: number;
  readonly iscrowd: boolean;
  /** MPII and LSP: centre and size of the person, in units of 200 px. The crop uses them in place of the box. */
  readonly center?: readonly [x: number, y: number];
  readonly scale?: number;
  /** MPII: head size of PCKh in px, 0.6 of the head box's diagonal. */
  readonly headSize?: number;
}

/** The reason for skipping a record. */
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

/** A skipped record and the reason: readers report every record that they skip. */
export interface Skip {
  readonly reason: SkipReason;
  /** The annotation's id. */
  readonly id: number;
  readonly fileName: string;
  readonly detail: string;
}

/** The result of reading an annotation file. */
export interface PoseDataset {
  readonly keypointSet: KeypointSet;
  readonly persons: readonly Person[];
  readonly skipped: readonly Skip[];
}
