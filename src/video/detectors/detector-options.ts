import { suppressDuplicates } from '../../metrics';
import type { DetectedBox } from '../person-detector';
import { iou } from '../pose-box';

/** Options of {@link nanoDetDetector}. */
export interface DetectorOptions {
  /** Minimum score of a box. */
  readonly minScore?: number;
  /** Maximum number of people, highest scores first. @defaultValue 20 */
  readonly maxPeople?: number;
}

/** Boxes by descending score, without those that overlap a higher-scoring one too much. */
export function surest(
  found: readonly DetectedBox[],
  { minScore, maxPeople = 20, overlap }: { minScore: number; maxPeople?: number | undefined; overlap: number },
): DetectedBox[] {
  // A detector's raw output has thousands of cells; no picture shows a thousand people.
  const ranked = found
    .filter(({ score, box }) => score >= minScore && box[2] > 0 && box[3] > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 1000);
  const indices = ranked.map((_, i) => i);
  const kept = suppressDuplicates(indices, [], (a, b) => iou(ranked[a]!.box, ranked[b]!.box), { threshold: overlap });
  return kept.slice(0, maxPeople).map((i) => ranked[i]!);
}

export function checkDetector(where: string, minScore: number, maxPeople: number | undefined): void {
  if (!(minScore >= 0 && minScore <= 1)) {
    throw new RangeError(`${where}: minScore must be from 0 to 1. Received: ${minScore}.`);
  }
  if (maxPeople !== undefined && !(Number.isInteger(maxPeople) && maxPeople > 0)) {
    throw new RangeError(`${where}: maxPeople must be a whole number above 0. Received: ${maxPeople}.`);
  }
}
