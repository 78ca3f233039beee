/** COCO's keypoint annotation file (cocodataset.org/#format-data). Fields beyond these are allowed and ignored. */
export interface CocoFile {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoPersonRecord[];
  readonly categories: readonly CocoCategory[];
}

export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
}

export interface CocoPersonRecord {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  /** `[x, y, width, height]`. */
  readonly bbox: readonly number[];
  /** `[x, y, v]` for each keypoint; v = 0 unlabelled, 1 occluded, 2 visible. */
  readonly keypoints: readonly number[];
  readonly num_keypoints: number;
  readonly area: number;
  readonly iscrowd: 0 | 1;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  readonly keypoints: readonly string[];
  /** Pairs of keypoints, counted from 1. */
  readonly skeleton: readonly (readonly number[])[];
}
