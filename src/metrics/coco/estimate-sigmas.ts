import { hasFields, requireThat } from '../../bytes';
import type { CocoAnnotation, CocoDataset } from '../../coco';

/** The result of {@link estimateSigmas}. */
export interface EstimatedSigmas {
  /** One per keypoint; NaN where no person has it labelled in both. */
  readonly sigmas: readonly number[];
  /** Number of people labelled in both, by keypoint. */
  readonly counts: readonly number[];
  /** Number of people in both. */
  readonly people: number;
}

/**
 * OKS sigmas from people annotated twice by different annotators, as COCO measured its own (https://cocodataset.org/#keypoints-eval): the standard deviation
 * of each keypoint's annotation relative to the square root of the person's area. Two annotations of one truth differ by √2 of it, so
 * σ² = mean of |a − b|² / (2 · area).
 *
 * @param first annotations of COCO's form; the areas are theirs.
 * @param second the same people, by annotation id. People in one of the two only do not count.
 * @throws RangeError when no person is in both, or numbers of keypoints differ.
 * @example const { sigmas } = estimateSigmas(ours, ofASecondAnnotator); evaluateCoco(results, ours, { sigmas });
 */
export function estimateSigmas(
  first: readonly CocoAnnotation[] | CocoDataset,
  second: readonly CocoAnnotation[] | CocoDataset,
): EstimatedSigmas {
  const again = new Map(listOf(second, 'second').map((record) => [record.id, record]));
  const pairs = listOf(first, 'first').flatMap((record) => {
    const other = again.get(record.id);
    return other === undefined ? [] : [[record, other] as const];
  });
  if (pairs.length === 0)
    throw new RangeError('estimateSigmas: first and second must hold the same people, by annotation id. Received: no id in both.'); // prettier-ignore
  const count = pairs[0]![0].keypoints.length / 3;
  const sums = new Float64Array(count);
  const counts = new Array<number>(count).fill(0);
  for (const [{ keypoints: a, bbox, area, id }, { keypoints: b }] of pairs) {
    if (a.length !== 3 * count || b.length !== 3 * count)
      throw new RangeError(`estimateSigmas: people must have ${count} keypoints. Received: ${a.length / 3} and ${b.length / 3} of annotation ${id}.`); // prettier-ignore
    const size = area ?? 0.53 * bbox[2]! * bbox[3]!;
    if (!(size > 0)) continue;
    for (let k = 0; k < count; k++) {
      if (!(a[3 * k + 2]! > 0 && b[3 * k + 2]! > 0)) continue;
      sums[k]! += ((a[3 * k]! - b[3 * k]!) ** 2 + (a[3 * k + 1]! - b[3 * k + 1]!) ** 2) / (2 * size);
      counts[k]!++;
    }
  }
  return { sigmas: Array.from(sums, (sum, k) => Math.sqrt(sum / counts[k]!)), counts, people: pairs.length };
}

function listOf(annotations: readonly CocoAnnotation[] | CocoDataset, name: string): readonly CocoAnnotation[] {
  const given: unknown = Array.isArray(annotations) ? annotations : (annotations as CocoDataset | undefined)?.annotations; // prettier-ignore
  requireThat(Array.isArray(given) && given.every((record) => hasFields(record, 'id', 'keypoints', 'bbox')), 'estimateSigmas', `${name} must be COCO annotations`, annotations); // prettier-ignore
  return given as readonly CocoAnnotation[];
}
