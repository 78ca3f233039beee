import type { DetectionTable } from './detection-table';
import type { Grouping } from './grouping';
import { OksMatrix } from './oks-matrix';
import type { CocoParams } from './options';
import type { PeopleTable } from './people-table';

/** The input of matching. */
export interface MatchInput {
  readonly people: PeopleTable;
  readonly detections: DetectionTable;
  readonly grouping: Grouping;
  readonly params: CocoParams;
  /** Whether to record the person that each detection matched. */
  readonly keepMet?: boolean;
  /** Evaluates only this keypoint, as if no other were labelled; −1 for all. */
  readonly onlyKeypoint?: number;
}

/** The people that each detection may match: those of its group with an OKS of at least the lowest threshold. */
export interface Candidates {
  /** Evaluated detections, group by group, highest score first. */
  readonly detections: Uint32Array;
  /** The candidates of `detections[i]` are entries start[i] … start[i + 1] − 1: highest OKS first, the later person first among equals. */
  readonly start: Uint32Array;
  readonly persons: Uint32Array;
  /** The number of thresholds, in ascending order, that the OKS reaches. */
  readonly reach: Uint32Array;
}

/** Also fills `ranks`: the rank of each detection in its group. */
export function findCandidates(
  { people, detections, grouping, params, onlyKeypoint = -1 }: MatchInput,
  ranks: Uint32Array,
): Candidates {
  const limits = Float64Array.from(params.thresholds, (t) => Math.min(t, 1 - 1e-10));
  const matrix = new OksMatrix({ people, detections }, params.sigmas, { floor: limits[0]!, only: onlyKeypoint });
  const most = params.maxDets[params.maxDets.length - 1]!;
  const { start: from, order } = grouping.detections;
  const found = new Uint32Array(order.length);
  const start = new Uint32Array(order.length + 1);
  let looked = 0;
  const list = new CandidateList(limits, order.length);
  for (let group = 0; group + 1 < from.length; group++) {
    const rows = Math.min(from[group + 1]! - from[group]!, most);
    if (rows === 0) continue;
    const first = grouping.people.start[group]!;
    const columns = grouping.people.start[group + 1]! - first;
    const oks = columns === 0 ? null : matrix.fill(grouping, group, rows);
    for (let d = 0; d < rows; d++) {
      const detection = order[from[group]! + d]!;
      ranks[detection] = d;
      found[looked++] = detection;
      if (oks) list.addRow(oks, d * columns, columns, grouping.people.order, first);
      start[looked] = list.length;
    }
  }
  return {
    detections: found.subarray(0, looked),
    start: start.subarray(0, looked + 1),
    persons: list.persons,
    reach: list.reach,
  };
}

class CandidateList {
  length = 0;
  persons: Uint32Array;
  reach: Uint32Array;
  private oks: Float64Array;
  private readonly limits: Float64Array;

  constructor(limits: Float64Array, capacity: number) {
    this.limits = limits;
    this.persons = new Uint32Array(capacity + 16);
    this.reach = new Uint32Array(capacity + 16);
    this.oks = new Float64Array(capacity + 16);
  }

  addRow(oks: Float64Array, row: number, columns: number, order: Uint32Array, first: number): void {
    const from = this.length;
    if (from + columns > this.persons.length) this.grow(columns);
    const { limits, persons, reach } = this;
    for (let g = 0; g < columns; g++) {
      const value = oks[row + g]!;
      if (!(value >= limits[0]!)) continue;
      let at = this.length++;
      for (; at > from && this.oks[at - 1]! <= value; at--) {
        this.oks[at] = this.oks[at - 1]!;
        persons[at] = persons[at - 1]!;
        reach[at] = reach[at - 1]!;
      }
      let reached = 1;
      while (reached < limits.length && limits[reached]! <= value) reached++;
      this.oks[at] = value;
      persons[at] = order[first + g]!;
      reach[at] = reached;
    }
  }

  private grow(more: number): void {
    const capacity = 2 * this.persons.length + more;
    const copy = <T extends Uint32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.persons = copy(this.persons, new Uint32Array(capacity));
    this.reach = copy(this.reach, new Uint32Array(capacity));
    this.oks = copy(this.oks, new Float64Array(capacity));
  }
}
