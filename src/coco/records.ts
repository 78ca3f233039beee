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
  /** Pairs of keypoints, numbered from 1. */
  readonly skeleton: readonly (readonly number[])[];
}

/** A person of COCO's `person_keypoints_*.json`: the fields that are read. Other fields are ignored. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  /** Category. @defaultValue 1, person */
  readonly category_id?: number;
  /** `[x, y, v, …]`, pixels; the visibility v is 0 for unlabelled, 1 for occluded, 2 for visible. */
  readonly keypoints: ArrayLike<number>;
  /** Number of keypoints with v above 0. The evaluation ignores a person with none: it need not be found and is not a false positive. @defaultValue counted */
  readonly num_keypoints?: number;
  /** The segment's area in square pixels: the scale of OKS. CrowdPose, AIC, PoseTrack and JHMDB have none; see `useArea`. */
  readonly area?: number;
  /** `[x, y, width, height]`, pixels. */
  readonly bbox: ArrayLike<number>;
  /** Whether the record is a crowd. @defaultValue 0 */
  readonly iscrowd?: 0 | 1 | boolean | number;
}

/** A person as {@link CocoAnnotation} with every field, as this library writes it. */
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

/** The parts of an annotation file that the evaluation needs. Without `images`, the images are those that annotations and results name. */
export interface CocoDataset {
  readonly images?: readonly { readonly id: number }[];
  readonly annotations: readonly CocoAnnotation[];
  /** Without it, the categories are those that the annotations name. */
  readonly categories?: readonly { readonly id: number }[];
}

/** A detection of COCO's results format. */
export interface CocoResult {
  readonly image_id: number;
  readonly category_id: number;
  /** `[x, y, score, …]`, pixels. */
  readonly keypoints: ArrayLike<number>;
  readonly score: number;
  /** When every result has one, its area determines the size of unmatched detections, as in pycocotools; otherwise the extent of the keypoints does. */
  readonly bbox?: ArrayLike<number> | null;
}
