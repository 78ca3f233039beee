/** The kinds of findings. */
export type Check =
  | 'malformed'
  | 'duplicate-id'
  | 'unknown-image'
  | 'missing-box'
  | 'zero-area'
  | 'keypoint-count'
  | 'visibility'
  | 'visibility-one'
  | 'outside-image'
  | 'left-right'
  | 'unpaired'
  | 'unreadable-image'
  | 'image-size'
  | 'id-zero'
  | 'num-keypoints'
  | 'box-misses'
  | 'twice'
  | 'exchanged'
  | 'long-limb'
  | 'near-duplicate'
  | 'leak';

/** One mistake and its location. */
export interface Finding {
  readonly check: Check;
  /** The annotation's id, where the finding concerns one. */
  readonly id?: number;
  readonly fileName?: string;
  readonly message: string;
  /** Severity, for sorting: 1 spoils training or metrics, 0 is only worth a look. */
  readonly severity: number;
}

/** For each kind of finding, its consequence and the fix. */
export const ADVICE: Readonly<Record<Check, string>> = {
  malformed: 'the file is not COCO keypoint JSON there',
  'duplicate-id': 'ids must be unique: later records hide earlier ones, and evaluation mixes them',
  'unknown-image': 'annotations of images that are not in the file are lost',
  'missing-box': 'top-down crops need bbox [x, y, width, height]; derive it from the keypoints or the segment',
  'zero-area': 'OKS divides by area: such persons can never be matched, which gives zero AP',
  'keypoint-count': 'each annotation needs x, y, v for every keypoint of its category',
  visibility: 'v must be 0 (not labelled, x = y = 0), 1 (occluded) or 2 (visible)',
  'visibility-one': 'no keypoint has v = 2: a converter wrote "labelled" as 1; losses work, statistics mislead',
  'outside-image': 'labelled keypoints must lie in the image: often pixels of another size, or x and y swapped',
  'left-right': 'left and right look swapped compared with the rest of the person',
  unpaired: 'a left or right keypoint without counterpart is not mirrored by flip augmentation and flip test',
  'unreadable-image': 'missing or damaged image files are skipped in training',
  'image-size': 'width and height must be the file’s: else boxes and keypoints are misplaced',
  'id-zero': 'pycocotools treats id 0 as unmatched: that person can never be matched',
  'num-keypoints': 'num_keypoints must count the labelled keypoints: the evaluation ignores people with 0',
  'box-misses': 'the crop follows the box: keypoints outside it are never seen in training',
  twice: 'a duplicate annotation counts twice in training, and one of the two can never be matched',
  exchanged: 'the labels of two keypoints look swapped',
  'long-limb': 'a limb is much longer than others in the set: one of its ends is probably misplaced',
  'near-duplicate': 'images that are nearly the same as training images make validation look too good',
  leak: 'images of the validation set must not be in the training set',
};
