/** An image of COCO's annotation file. */
export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
}

/** A category of COCO's annotation file. */
export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  readonly keypoints: readonly string[];
  /** Pairs of keypoints, counted from 1. */
  readonly skeleton: readonly (readonly number[])[];
}

/** A person of COCO's `person_keypoints_*.json`: the fields that are read. Others are allowed, and ignored. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  /** @defaultValue 1, person */
  readonly category_id?: number;
  /** `[x, y, v, …]`, pixels; v is 0 for unlabelled, 1 for labelled but hidden, 2 for visible. */
  readonly keypoints: ArrayLike<number>;
  /** How many v are above 0. A person with none is ignored by the evaluation: neither demanded nor counted as a false positive. @defaultValue counted */
  readonly num_keypoints?: number;
  /** The segment's area in square pixels: the scale of OKS. CrowdPose, AIC, PoseTrack and JHMDB have none: see `useArea`. */
  readonly area?: number;
  /** `[x, y, width, height]`, pixels. */
  readonly bbox: ArrayLike<number>;
  /** @defaultValue 0 */
  readonly iscrowd?: 0 | 1 | boolean | number;
}

/** A person as {@link CocoAnnotation}, with every field, as this library writes it. */
export interface CocoPersonRecord extends CocoAnnotation {
  readonly category_id: number;
  readonly bbox: readonly number[];
  readonly keypoints: readonly number[];
  readonly num_keypoints: number;
  readonly area: number;
  readonly iscrowd: 0 | 1;
}

/** COCO's keypoint annotation file (cocodataset.org/#format-data), as this library writes it. */
export interface CocoFile {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoPersonRecord[];
  readonly categories: readonly CocoCategory[];
}

/** What the evaluation needs of an annotation file. Without `images`, the images are those that annotations and results name. */
export interface CocoDataset {
  readonly images?: readonly { readonly id: number }[];
  readonly annotations: readonly CocoAnnotation[];
  /** Without it, the categories that the annotations name. */
  readonly categories?: readonly { readonly id: number }[];
}

/** A detection of COCO's results format. */
export interface CocoResult {
  readonly image_id: number;
  readonly category_id: number;
  /** `[x, y, score, …]`, pixels. */
  readonly keypoints: ArrayLike<number>;
  readonly score: number;
  /** When every result has one, its area decides the size of unmatched detections, as in pycocotools; else the keypoints' extent. */
  readonly bbox?: ArrayLike<number> | null;
}
