import type { CocoTables } from './evaluate-tables';
import type { Grouping } from './grouping';

export const keypointErrorKinds = ['jitter', 'inversion', 'swap', 'miss'] as const;
/** The kinds of errors of a detected keypoint. */
export type KeypointErrorKind = (typeof keypointErrorKinds)[number];

const kinds = ['good', ...keypointErrorKinds] as const;
const goodFrom = 0.85;
const nearFrom = 0.5;

export interface ClassifyInput {
  readonly tables: CocoTables;
  readonly grouping: Grouping;
  /** Matched detections, and the person of each. */
  readonly hits: Uint32Array;
  readonly met: Int32Array;
  readonly sigmas: readonly number[];
  readonly flipPairs: readonly (readonly [number, number])[];
}

export interface ClassifiedKeypoints {
  readonly counts: Readonly<Record<KeypointErrorKind | 'good', number>>;
  readonly perKeypoint: readonly Readonly<Record<KeypointErrorKind | 'good', number>>[];
  /** Null where the keypoint is not labelled, or its detection is unmatched. */
  readonly kindOf: (detection: number, keypoint: number) => KeypointErrorKind | 'good' | null;
}

/** Classifies every labelled keypoint of the matched people as good or as one kind of error. */
export function classifyKeypoints({
  tables,
  grouping,
  hits,
  met,
  sigmas,
  flipPairs,
}: ClassifyInput): ClassifiedKeypoints {
  const { people, detections } = tables;
  const count = sigmas.length;
  const other = sigmas.map((_, k) => k);
  for (const [a, b] of flipPairs) [other[a], other[b]] = [b, a];
  /** 0: not compared; otherwise 1 + the index of its kind. */
  const codes = new Uint8Array(detections.length * count);
  const perKeypoint = sigmas.map(() => ({ good: 0, jitter: 0, inversion: 0, swap: 0, miss: 0 }));
  const groupOfPerson = new Uint32Array(people.length);
  for (let g = 0; g + 1 < grouping.people.start.length; g++) {
    for (let i = grouping.people.start[g]!; i < grouping.people.start[g + 1]!; i++) {
      groupOfPerson[grouping.people.order[i]!] = g;
    }
  }
  const nearness = (d: number, k: number, person: number, at: number, area: number): number => {
    const truth = people.keypoints.row(person);
    if (!(truth[3 * at + 2]! > 0)) return 0;
    const xy = detections.xy.row(d);
    const [dx, dy] = [xy[2 * k]! - truth[3 * at]!, xy[2 * k + 1]! - truth[3 * at + 1]!];
    return Math.exp(-(dx * dx + dy * dy) / (2 * (area + Number.EPSILON) * (2 * sigmas[at]!) ** 2));
  };
  const kindAt = (d: number, k: number, person: number): KeypointErrorKind | 'good' => {
    const area = people.areas.data[person]!;
    const own = nearness(d, k, person, k, area);
    if (own >= nearFrom) return own >= goodFrom ? 'good' : 'jitter';
    if (other[k] !== k && nearness(d, k, person, other[k]!, area) >= nearFrom) return 'inversion';
    const group = groupOfPerson[person]!;
    const mates = grouping.people.order.subarray(grouping.people.start[group], grouping.people.start[group + 1]);
    const swapped = mates.some(
      (mate) =>
        mate !== person &&
        (nearness(d, k, mate, k, area) >= nearFrom || nearness(d, k, mate, other[k]!, area) >= nearFrom),
    );
    return swapped ? 'swap' : 'miss';
  };
  for (const d of hits) {
    const truth = people.keypoints.row(met[d]!);
    for (let k = 0; k < count; k++) {
      if (!(truth[3 * k + 2]! > 0)) continue;
      const kind = kindAt(d, k, met[d]!);
      codes[d * count + k] = 1 + kinds.indexOf(kind);
      perKeypoint[k]![kind]++;
    }
  }
  const counts = { good: 0, jitter: 0, inversion: 0, swap: 0, miss: 0 };
  for (const row of perKeypoint) for (const kind of kinds) counts[kind] += row[kind];
  return { counts, perKeypoint, kindOf: (d, k) => kinds[codes[d * count + k]! - 1] ?? null };
}
