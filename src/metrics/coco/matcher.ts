import { detectionAreas } from './detection-areas';
import type { Matches, MatchInput } from './match';
import type { PeopleTable } from './people-table';

/** Matches one image after another, in scratch arrays that all of them share. */
export class Matcher {
  /** OKS that a match must reach, by threshold. */
  readonly limits: Float64Array;
  private readonly input: MatchInput;
  private readonly matches: Matches;
  private readonly ignoredPeople: Uint8Array;
  private readonly detectionAreas: Float64Array;
  private readonly words: number;
  /** Columns of the group, those that count first. */
  private order = new Uint32Array(64);
  /** Places in `order`. */
  private candidates = new Uint32Array(64);
  /** By column × words: at which thresholds the person is taken. */
  private taken: Uint32Array;

  constructor(input: MatchInput, matches: Matches) {
    this.input = input;
    this.matches = matches;
    this.limits = Float64Array.from(input.params.thresholds, (t) => Math.min(t, 1 - 1e-10));
    this.ignoredPeople = ignoredPeople(input.people, input.onlyKeypoint ?? -1);
    this.detectionAreas = detectionAreas(input.detections);
    this.words = Math.ceil(this.limits.length / 32);
    this.taken = new Uint32Array(64 * this.words);
  }

  /** `oks`: row by detection, column by person. */
  matchGroup(category: number, found: Uint32Array, persons: Uint32Array, oks: Float64Array): void {
    const { areaRanges } = this.input.params;
    if (persons.length > this.order.length) {
      this.order = new Uint32Array(2 * persons.length);
      this.candidates = new Uint32Array(2 * persons.length);
      this.taken = new Uint32Array(2 * persons.length * this.words);
    }
    for (let a = 0; a < areaRanges.length; a++) {
      const real = this.orderPeople(persons, areaRanges[a]!);
      this.matches.counted[category * areaRanges.length + a]! += real;
      this.matchArea(a, real, found, persons, oks);
    }
  }

  /** Those that count first, then the ignored, each in the order of the annotations; returns how many count. */
  private orderPeople(persons: Uint32Array, [low, high]: readonly [number, number]): number {
    const { order, ignoredPeople } = this;
    const areas = this.input.people.areas.data;
    let real = 0;
    for (let g = 0; g < persons.length; g++) {
      const area = areas[persons[g]!]!;
      if (ignoredPeople[persons[g]!] === 0 && area >= low && area <= high) order[real++] = g;
    }
    let tail = real;
    let next = 0;
    for (let g = 0; g < persons.length; g++) {
      if (next < real && order[next] === g) next++;
      else order[tail++] = g;
    }
    return real;
  }

  /** Persons that a detection may meet at all, in the order of preference of this area range. */
  private candidatesOf(row: number, columns: number, oks: Float64Array): number {
    const { order, candidates } = this;
    let count = 0;
    for (let j = 0; j < columns; j++) if (oks[row + order[j]!]! >= this.limits[0]!) candidates[count++] = j;
    return count;
  }

  private matchArea(a: number, real: number, found: Uint32Array, persons: Uint32Array, oks: Float64Array): void {
    const { order, taken, limits, words, matches, candidates } = this;
    const { people, params } = this.input;
    const [low, high] = params.areaRanges[a]!;
    const columns = persons.length;
    taken.fill(0, 0, columns * words);
    for (let d = 0; d < found.length; d++) {
      const detection = found[d]!;
      const area = this.detectionAreas[detection]!;
      const outside = area < low || area > high;
      // Unmatched and outside the range: ignored, until a match says otherwise.
      if (outside) for (let w = 0; w < words; w++) matches.ignored[a * words + w]![detection] = 0xffffffff;
      const row = d * columns;
      const count = this.candidatesOf(row, columns, oks);
      if (count === 0) continue;
      if (count === 1) {
        this.matchOnly(a, real, candidates[0]!, detection, persons, oks[row + order[candidates[0]!]!]!, outside);
        continue;
      }
      for (let t = 0; t < limits.length; t++) {
        const bit = 1 << (t & 31);
        const word = t >> 5;
        let reached = limits[t]!;
        let match = -1; // place in `order`
        for (let c = 0; c < count; c++) {
          const j = candidates[c]!;
          const g = order[j]!;
          if ((taken[g * words + word]! & bit) !== 0 && people.crowds.data[persons[g]!] === 0) continue;
          if (j >= real && match >= 0 && match < real) break;
          const value = oks[row + g]!;
          if (value < reached) continue;
          reached = value;
          match = j;
        }
        if (match >= 0) this.record(a, t >> 5, bit, match < real, order[match]!, detection, persons, outside);
      }
    }
  }

  /** The common case, one candidate: all thresholds that it reaches and where it is free, a word at a time. */
  private matchOnly(
    a: number,
    real: number,
    place: number,
    detection: number,
    persons: Uint32Array,
    oks: number,
    outside: boolean,
  ): void {
    const { limits, words, taken } = this;
    const g = this.order[place]!;
    const crowd = this.input.people.crowds.data[persons[g]!] === 1;
    let reached = 0;
    while (reached < limits.length && limits[reached]! <= oks) reached++;
    for (let word = 0; word < words; word++) {
      const count = reached - 32 * word;
      if (count <= 0) return;
      const bits = (count >= 32 ? -1 : (1 << count) - 1) & (crowd ? -1 : ~taken[g * words + word]!);
      if (bits !== 0) this.record(a, word, bits, place < real, g, detection, persons, outside);
    }
  }

  /** Writes down that a detection meets the person of column g at the thresholds whose bits are set. */
  private record(
    a: number,
    word: number,
    bits: number,
    counts: boolean,
    g: number,
    detection: number,
    persons: Uint32Array,
    outside: boolean,
  ): void {
    const { limits, words, taken, matches } = this;
    const { people, params } = this.input;
    const person = persons[g]!;
    const slot = a * words + word;
    taken[g * words + word]! |= bits;
    if (!counts) matches.ignored[slot]![detection]! |= bits;
    else if (people.ids.data[person] !== 0 || params.matchIdZero) {
      matches.hits[slot]![detection]! |= bits;
      if (outside) matches.ignored[slot]![detection]! &= ~bits;
    }
    if (matches.met.length === 0) return;
    for (let t = 32 * word; t < Math.min(limits.length, 32 * word + 32); t++) {
      if (((bits >>> (t - 32 * word)) & 1) === 1) matches.met[a * limits.length + t]![detection] = person;
    }
  }
}

/** Crowds, and people with no keypoint labelled. */
function ignoredPeople(people: PeopleTable, onlyKeypoint: number): Uint8Array {
  const ignored = new Uint8Array(people.length);
  for (let i = 0; i < ignored.length; i++) {
    const labelled =
      onlyKeypoint < 0 ? people.labelled.data[i]! !== 0 : people.keypoints.row(i)[3 * onlyKeypoint + 2]! > 0;
    ignored[i] = people.crowds.data[i] === 1 || !labelled ? 1 : 0;
  }
  return ignored;
}
