import { knownOptions } from '../../bytes';
import { poseOf, type PoseInput } from '../pose';
import { visibleMean } from '../visible-mean';
import type { CocoResult } from '../../coco';

/** Additional fields of {@link toCocoResult}. */
export interface ToCocoResultOptions {
  /** `image_id` of the result. */
  readonly imageId: number;
  /** The detector's score for the person's box. @defaultValue 1 */
  readonly boxScore?: number;
  /** Minimum score of a keypoint in the mean. @defaultValue 0.2, as in SimpleBaseline and HRNet */
  readonly visibleThreshold?: number;
  /** Category. @defaultValue 1 (person) */
  readonly categoryId?: number;
}

/**
 * A record of COCO's results format. Its score is the box's score times the mean score of the keypoints above
 * `visibleThreshold`, 0 if there are none: SimpleBaseline's and HRNet's rescoring.
 *
 * @param keypoints K keypoints in pixels of the image.
 * @throws RangeError when a coordinate is not finite, or `imageId` is not an integer.
 * @example results.push(toCocoResult(crop.toImage(keypoints), { imageId: 785, boxScore: 0.98 }));
 */
export function toCocoResult(
  keypoints: PoseInput,
  options: ToCocoResultOptions,
): CocoResult & { readonly keypoints: readonly number[] } {
  const { imageId, boxScore = 1, visibleThreshold = 0.2, categoryId = 1 } = knownOptions('toCocoResult', options ?? {}, ['imageId', 'boxScore', 'visibleThreshold', 'categoryId']); // prettier-ignore
  const { xy, score } = poseOf(keypoints, 'toCocoResult');
  if (!Number.isSafeInteger(imageId)) {
    throw new RangeError(`toCocoResult: imageId must be an integer. Received: ${imageId}.`);
  }
  const flat: number[] = [];
  for (let k = 0; k < score.length; k++) flat.push(xy[2 * k]!, xy[2 * k + 1]!, score[k]!);
  const mean = visibleMean(score, visibleThreshold);
  return { image_id: imageId, category_id: categoryId, keypoints: flat, score: mean * boxScore };
}
