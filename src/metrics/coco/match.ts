import type { DetectionTable } from './detection-table';
import type { Grouping } from './grouping';
import { Matcher } from './matcher';
import { OksMatrix } from './oks-matrix';
import type { CocoParams } from './options';
import type { PeopleTable } from './people-table';

/**
 * The outcome of matching. A detection's outcome at threshold t of an area range is one bit: bit t % 32 of its entry in row
 * area × words + ⌊t / 32⌋, where words = ⌈thresholds / 32⌉. Neither bit set means a false positive.
 */
export interface Matches {
  /** By detection: its rank in its image, or {@link UNRANKED} when it is beyond maxDets and was not looked at. */
  readonly ranks: Uint32Array;
  readonly hits: readonly Uint32Array[];
  readonly ignored: readonly Uint32Array[];
  /** The person that each detection met, −1 for none, in row area × thresholds + threshold; empty unless asked for. */
  readonly met: readonly Int32Array[];
  /** People that count (neither crowd nor unlabelled, inside the range), by category × areas + area. */
  readonly counted: Uint32Array;
  /** Whether a category has any record at all; figures of one without are −1. */
  readonly present: Uint8Array;
}

export const UNRANKED = 0xffffffff;

export interface MatchInput {
  readonly people: PeopleTable;
  readonly detections: DetectionTable;
  readonly grouping: Grouping;
  readonly params: CocoParams;
  /** Whether to keep which person each detection met. */
  readonly keepMet?: boolean;
  /** Evaluates this keypoint alone, as if no other were labelled; −1 for all. */
  readonly onlyKeypoint?: number;
}

/**
 * Greedy matching of each image's detections to its people, as COCOeval.evaluateImg: highest score first, each takes the
 * person of highest OKS that is still free and reaches the threshold; ignored people come last, and crowds take any number.
 */
export function matchAll(input: MatchInput): Matches {
  const { people, detections, grouping, params, onlyKeypoint = -1 } = input;
  const images = grouping.images.length;
  const areas = params.areaRanges.length;
  const rows = areas * Math.ceil(params.thresholds.length / 32);
  const words = (): Uint32Array[] => Array.from({ length: rows }, () => new Uint32Array(detections.length));
  const metRows = input.keepMet ? areas * params.thresholds.length : 0;
  const matches: Matches = {
    ranks: new Uint32Array(detections.length).fill(UNRANKED),
    hits: words(),
    ignored: words(),
    met: Array.from({ length: metRows }, () => new Int32Array(detections.length).fill(-1)),
    counted: new Uint32Array(grouping.categories.length * areas),
    present: new Uint8Array(grouping.categories.length),
  };
  const matcher = new Matcher(input, matches);
  const matrix = new OksMatrix(params.sigmas, { floor: matcher.limits[0]!, only: onlyKeypoint });
  const most = params.maxDets[params.maxDets.length - 1]!;
  for (let group = 0; group + 1 < grouping.people.start.length; group++) {
    const from = grouping.detections.start[group]!;
    const count = Math.min(grouping.detections.start[group + 1]! - from, most);
    const first = grouping.people.start[group]!;
    const columns = grouping.people.start[group + 1]! - first;
    if (count === 0 && columns === 0) continue;
    const category = Math.floor(group / images);
    matches.present[category] = 1;
    const found = grouping.detections.order.subarray(from, from + count);
    const persons = grouping.people.order.subarray(first, first + columns);
    for (let d = 0; d < count; d++) matches.ranks[found[d]!] = d;
    matcher.matchGroup(category, found, persons, matrix.fill(detections, found, people, persons));
  }
  return matches;
}
