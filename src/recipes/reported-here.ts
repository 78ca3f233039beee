import { COCO, LSP, MPII, type KeypointSet } from '../keypoints';
import type { Recipe, ReportedFigure } from './recipe';

/** What a run measured, and on whom. */
export interface MeasuredOn {
  readonly keypointSet: KeypointSet;
  /** People held out. */
  readonly people: number;
  /** Names of what was measured: `AP`, `PCK`. */
  readonly metrics: readonly string[];
}

/** People with keypoints of the data that papers report on, by which it is known. */
const DATA: Readonly<Record<string, { readonly set: KeypointSet; readonly people: number }>> = {
  'COCO val2017': { set: COCO, people: 6352 },
  'MPII validation': { set: MPII, people: 2958 },
  'LSP test': { set: LSP, people: 1000 },
};

/**
 * The paper's figures that a run may be held against: those in a metric that was measured, on the very people that the paper measured on, known by their keypoints
 * and number. Any other pair of figures would look like a comparison and be none.
 *
 * @example reportedHere(RECIPES['lpn-50'], { keypointSet: COCO, people: 6352, metrics: ['AP', 'AR', 'PCK'] })
 */
export function reportedHere(
  { reported }: Recipe,
  { keypointSet, people, metrics }: MeasuredOn,
): readonly ReportedFigure[] {
  return reported.filter(({ metric, data, of }) => {
    const known = DATA[data];
    return of === undefined && metrics.includes(metric) && known?.people === people && String(known.set.names) === String(keypointSet.names); // prettier-ignore
  });
}
