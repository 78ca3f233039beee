import { COCO, LSP, MPII, type KeypointSet } from '../keypoints';
import type { Recipe, ReportedMetric } from './recipe';

/** The metrics of a run, and its evaluation data. */
export interface MeasuredOn {
  readonly keypointSet: KeypointSet;
  /** Number of held-out people. */
  readonly people: number;
  /** Names of the metrics: `AP`, `PCK`. */
  readonly metrics: readonly string[];
}

/** Number of people with keypoints in the papers' evaluation data, by which the data is recognised. */
const DATA: Readonly<Record<string, { readonly set: KeypointSet; readonly people: number }>> = {
  'COCO val2017': { set: COCO, people: 6352 },
  'MPII validation': { set: MPII, people: 2958 },
  'LSP test': { set: LSP, people: 1000 },
};

/**
 * The paper's values that a run may be compared with: those in a measured metric, on the same people as in the paper, recognised by their keypoints
 * and number. A comparison of any other values would be misleading.
 *
 * @example reportedHere(RECIPES['lpn-50'], { keypointSet: COCO, people: 6352, metrics: ['AP', 'AR', 'PCK'] })
 */
export function reportedHere(
  { reported }: Recipe,
  { keypointSet, people, metrics }: MeasuredOn,
): readonly ReportedMetric[] {
  return reported.filter(({ metric, data, of }) => {
    const known = DATA[data];
    return of === undefined && metrics.includes(metric) && known?.people === people && String(known.set.names) === String(keypointSet.names); // prettier-ignore
  });
}
