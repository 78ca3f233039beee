import { findCandidates, type Candidates, type MatchInput } from './candidates';
import { detectionAreas } from './detection-areas';
import type { Grouping } from './grouping';
import type { PeopleTable } from './people-table';

/**
 * The outcome of matching. A detection's outcome at threshold t of an area range is one bit: bit t % 32 of its entry in row
 * area × words + ⌊t / 32⌋, where words = ⌈thresholds / 32⌉. Neither bit set means a false positive.
 */
export interface Matches {
  /** Rank of each detection in its image, or {@link UNRANKED} when it is beyond maxDets and was not evaluated. */
  readonly ranks: Uint32Array;
  readonly hits: readonly Int32Array[];
  readonly ignored: readonly Int32Array[];
  /** The person that each detection matched, −1 for none, in row area × thresholds + threshold; empty unless requested. */
  readonly met: readonly Int32Array[];
  /** Number of people that count (neither crowd nor unlabelled, inside the range), by category × areas + area. */
  readonly counted: Uint32Array;
}

export const UNRANKED = 0xffffffff;

/**
 * Greedy matching of each image's detections to its people, as in COCOeval.evaluateImg: highest score first, each takes the
 * unmatched person with the highest OKS that reaches the threshold; ignored people come last, and crowds take any number.
 */
export function matchAll(input: MatchInput): Matches {
  const { people, detections, grouping, params, keepMet = false, onlyKeypoint = -1 } = input;
  const areas = params.areaRanges.length;
  const rows = areas * Math.ceil(params.thresholds.length / 32);
  const words = (): Int32Array[] => Array.from({ length: rows }, () => new Int32Array(detections.length));
  const metRows = keepMet ? areas * params.thresholds.length : 0;
  const matches: Matches = {
    ranks: new Uint32Array(detections.length).fill(UNRANKED),
    hits: words(),
    ignored: words(),
    met: Array.from({ length: metRows }, () => new Int32Array(detections.length).fill(-1)),
    counted: new Uint32Array(grouping.categories.length * areas),
  };
  const candidates = findCandidates(input, matches.ranks);
  const required = requiredPeople(people, onlyKeypoint);
  for (let a = 0; a < areas; a++) {
    const counts = inRange(required, people.areas.view(), params.areaRanges[a]!);
    countPeople(grouping, counts, matches.counted, a, areas);
    matchArea(input, candidates, counts, a, matches);
  }
  return matches;
}

function matchArea(input: MatchInput, candidates: Candidates, counts: Uint8Array, a: number, matches: Matches): void {
  const { people, detections, params } = input;
  const { start, persons, reach } = candidates;
  const thresholds = params.thresholds.length;
  const words = Math.ceil(thresholds / 32);
  const [low, high] = params.areaRanges[a]!;
  const sizes = detectionAreas(detections);
  const ids = people.ids.data;
  const crowds = people.crowds.data;
  /** By person × words: the thresholds at which the person is matched. */
  const taken = new Int32Array(people.length * words);
  for (let i = 0; i + 1 < start.length; i++) {
    const detection = candidates.detections[i]!;
    const size = sizes[detection]!;
    const outside = size < low || size > high;
    const [from, to] = [start[i]!, start[i + 1]!];
    if (from === to && !outside) continue;
    for (let w = 0; w < words; w++) {
      let hits = 0;
      let ignored = outside ? -1 : 0; // unmatched and outside the range: ignored, unless a match follows
      let rest = -1; // thresholds at which it is unmatched
      for (let wanted = 1; wanted >= 0 && from < to; wanted--) {
        for (let c = from; c < to; c++) {
          const person = persons[c]!;
          if (counts[person] !== wanted) continue;
          const reached = reach[c]! - 32 * w;
          if (reached <= 0) break; // later candidates reach no further threshold
          const free = crowds[person] === 1 ? -1 : ~taken[person * words + w]!;
          const bits = (reached >= 32 ? -1 : (1 << reached) - 1) & rest & free;
          if (bits === 0) continue;
          rest &= ~bits;
          taken[person * words + w]! |= bits;
          if (wanted === 0) ignored |= bits;
          else if (ids[person] !== 0 || params.matchIdZero) {
            hits |= bits;
            ignored &= ~bits;
          }
          if (matches.met.length > 0) noteMet(matches.met, bits, a * thresholds + 32 * w, detection, person);
        }
      }
      matches.hits[a * words + w]![detection] = hits;
      matches.ignored[a * words + w]![detection] = ignored;
    }
  }
}

function noteMet(met: readonly Int32Array[], bits: number, row: number, detection: number, person: number): void {
  for (let rest = bits; rest !== 0; rest &= rest - 1) met[row + 31 - Math.clz32(rest & -rest)]![detection] = person;
}

/** 1 for people that must be found: not a crowd, and with a labelled keypoint. */
function requiredPeople(people: PeopleTable, onlyKeypoint: number): Uint8Array {
  const required = new Uint8Array(people.length);
  for (let i = 0; i < required.length; i++) {
    const labelled =
      onlyKeypoint < 0 ? people.labelled.data[i]! !== 0 : people.keypoints.row(i)[3 * onlyKeypoint + 2]! > 0;
    required[i] = people.crowds.data[i] === 0 && labelled ? 1 : 0;
  }
  return required;
}

function inRange(required: Uint8Array, areas: Float64Array, [low, high]: readonly [number, number]): Uint8Array {
  const counts = required.slice();
  for (let i = 0; i < counts.length; i++) if (areas[i]! < low || areas[i]! > high) counts[i] = 0;
  return counts;
}

function countPeople(
  { people, images, categories }: Grouping,
  counts: Uint8Array,
  counted: Uint32Array,
  a: number,
  areas: number,
): void {
  for (let k = 0; k < categories.length; k++) {
    const end = people.start[(k + 1) * images.length]!;
    for (let i = people.start[k * images.length]!; i < end; i++) counted[k * areas + a]! += counts[people.order[i]!]!;
  }
}
