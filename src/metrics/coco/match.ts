import { detectionAreas } from './detection-areas';
import type { DetectionTable } from './detection-table';
import type { Grouping } from './grouping';
import { OksMatrix } from './oks-matrix';
import type { CocoParams } from './options';
import type { PeopleTable } from './people-table';

/** What became of a detection at one threshold and area range. */
export const FALSE_POSITIVE = 0;
export const TRUE_POSITIVE = 1;
export const IGNORED = 2;

/** The outcome of matching, one entry per detection in each of areas × thresholds rows (row = area × thresholds + threshold). */
export interface Matches {
  /** By detection: its rank in its image, or {@link UNRANKED} when it is beyond maxDets and was not looked at. */
  readonly ranks: Uint32Array;
  readonly outcomes: readonly Uint8Array[];
  /** By detection: the person met, −1 for none. Empty unless asked for. */
  readonly met: readonly Int32Array[];
  /** People that count (neither crowd nor unlabelled, inside the range), by category × areas + area. */
  readonly counted: Uint32Array;
  /** Groups with any record, by category: figures of a category without any are −1. */
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
  /** Evaluates this keypoint alone, as if no other were labelled. */
  readonly onlyKeypoint?: number;
}

/**
 * Greedy matching of each image's detections to its people, as COCOeval.evaluateImg: highest score first, each takes the
 * person of highest OKS that is still free and reaches the threshold; ignored people come last, and crowds take any number.
 */
export function matchAll(input: MatchInput): Matches {
  const { people, detections, grouping, params, onlyKeypoint = -1 } = input;
  const { areaRanges, thresholds } = params;
  const images = grouping.images.length;
  const rows = areaRanges.length * thresholds.length;
  const total = detections.length;
  const state: State = {
    ...input,
    areas: detectionAreas(detections),
    ignored: ignoredPeople(people, onlyKeypoint),
    limits: Float64Array.from(thresholds, (t) => Math.min(t, 1 - 1e-10)),
    ranks: new Uint32Array(total).fill(UNRANKED),
    outcomes: Array.from({ length: rows }, () => new Uint8Array(total)),
    met: input.keepMet ? Array.from({ length: rows }, () => new Int32Array(total).fill(-1)) : [],
    counted: new Uint32Array(grouping.categories.length * areaRanges.length),
    present: new Uint8Array(grouping.categories.length),
    scratch: {
      order: new Uint32Array(64),
      taken: new Uint8Array(64),
      outside: new Uint8Array(64),
      best: new Float64Array(64),
    },
  };
  const matrix = new OksMatrix(params.sigmas, { floor: Math.min(...state.limits), only: onlyKeypoint });
  const mostDetections = params.maxDets[params.maxDets.length - 1]!;
  for (let group = 0; group < grouping.categories.length * images; group++) {
    const from = grouping.detections.start[group]!;
    const count = Math.min(grouping.detections.start[group + 1]! - from, mostDetections);
    const first = grouping.people.start[group]!;
    const last = grouping.people.start[group + 1]!;
    if (count === 0 && first === last) continue;
    const category = Math.floor(group / images);
    state.present[category] = 1;
    for (let d = 0; d < count; d++) state.ranks[grouping.detections.order[from + d]!] = d;
    const oks = matrix.fill(
      detections,
      grouping.detections.order,
      from,
      count,
      people,
      grouping.people.order,
      first,
      last,
    );
    matchGroup(state, { category, from, count, first, last, oks });
  }
  return state;
}

interface State extends MatchInput, Matches {
  readonly areas: Float64Array;
  readonly ignored: Uint8Array;
  readonly limits: Float64Array;
  readonly counted: Uint32Array;
  readonly scratch: { order: Uint32Array; taken: Uint8Array; outside: Uint8Array; best: Float64Array };
}

interface Group {
  readonly category: number;
  readonly from: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly oks: Float64Array;
}

function matchGroup(state: State, { category, from, count, first, last, oks }: Group): void {
  const { people, grouping, params, areas, ignored, limits, outcomes, met, counted } = state;
  const columns = last - first;
  const personOrder = grouping.people.order;
  const detectionOrder = grouping.detections.order;
  const { order, taken, outside, best } = reserve(state, Math.max(columns, count));
  for (let d = 0; d < count; d++) {
    let highest = -1;
    for (let g = 0; g < columns; g++) if (oks[d * columns + g]! > highest) highest = oks[d * columns + g]!;
    best[d] = highest;
  }
  for (let a = 0; a < params.areaRanges.length; a++) {
    const [low, high] = params.areaRanges[a]!;
    // Those that count first, then the ignored, each in the order of the annotations.
    let real = 0;
    for (let g = 0; g < columns; g++) {
      const person = personOrder[first + g]!;
      const area = people.areas.data[person]!;
      if (ignored[person] === 0 && area >= low && area <= high) order[real++] = g;
    }
    let tail = real;
    for (let g = 0, next = 0; g < columns; g++) {
      if (next < real && order[next] === g) next++;
      else order[tail++] = g;
    }
    counted[category * params.areaRanges.length + a]! += real;
    for (let d = 0; d < count; d++) {
      const area = areas[detectionOrder[from + d]!]!;
      outside[d] = area < low || area > high ? 1 : 0;
    }
    for (let t = 0; t < limits.length; t++) {
      const row = a * limits.length + t;
      const outcome = outcomes[row]!;
      taken.fill(0, 0, columns);
      for (let d = 0; d < count; d++) {
        const detection = detectionOrder[from + d]!;
        let reached = limits[t]!;
        let match = -1; // place in `order`
        if (best[d]! >= reached) {
          for (let j = 0; j < columns; j++) {
            const g = order[j]!;
            if (taken[g] === 1 && people.crowds.data[personOrder[first + g]!] === 0) continue;
            if (match >= 0 && match < real && j >= real) break;
            const value = oks[d * columns + g]!;
            if (value < reached) continue;
            reached = value;
            match = j;
          }
        }
        if (match < 0) {
          outcome[detection] = outside[d] === 1 ? IGNORED : FALSE_POSITIVE;
          continue;
        }
        const person = personOrder[first + order[match]!]!;
        taken[order[match]!] = 1;
        if (met.length > 0) met[row]![detection] = person;
        const unnoticed = people.ids.data[person] === 0 && !params.matchIdZero;
        if (match >= real) outcome[detection] = IGNORED;
        else if (unnoticed) outcome[detection] = outside[d] === 1 ? IGNORED : FALSE_POSITIVE;
        else outcome[detection] = TRUE_POSITIVE;
      }
    }
  }
}

function reserve(state: State, length: number): State['scratch'] {
  if (length > state.scratch.order.length) {
    const size = 2 * length;
    state.scratch.order = new Uint32Array(size);
    state.scratch.taken = new Uint8Array(size);
    state.scratch.outside = new Uint8Array(size);
    state.scratch.best = new Float64Array(size);
  }
  return state.scratch;
}

/** Crowds, and people with no keypoint labelled. */
export function ignoredPeople(people: PeopleTable, onlyKeypoint: number): Uint8Array {
  const ignored = new Uint8Array(people.length);
  for (let i = 0; i < ignored.length; i++) {
    const labelled =
      onlyKeypoint < 0 ? people.labelled.data[i]! !== 0 : people.keypoints.row(i)[3 * onlyKeypoint + 2]! > 0;
    ignored[i] = people.crowds.data[i] === 1 || !labelled ? 1 : 0;
  }
  return ignored;
}
