/** A person of COCO's `person_keypoints_*.json`; what the evaluation reads of it. Other fields are ignored. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  /** 1 (person) when absent. */
  readonly category_id?: number;
  /** `[x, y, v, …]`, pixels; v is 0 for unlabelled, 1 for labelled but hidden, 2 for visible. */
  readonly keypoints: ArrayLike<number>;
  /** How many v are above 0. A person with none is ignored: neither demanded nor counted as a false positive. */
  readonly num_keypoints: number;
  /** The segment's area in square pixels: the scale of OKS. */
  readonly area: number;
  /** `[x, y, width, height]`, pixels. */
  readonly bbox: ArrayLike<number>;
  readonly iscrowd: 0 | 1 | boolean | number;
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

/** COCO's annotation file. Without `images`, the images are those that annotations and results name. */
export interface CocoDataset {
  readonly images?: readonly { readonly id: number }[];
  readonly annotations: readonly CocoAnnotation[];
  /** Without it, the categories that the annotations name. */
  readonly categories?: readonly { readonly id: number }[];
}
