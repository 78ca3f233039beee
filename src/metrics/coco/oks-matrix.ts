import type { DetectionTable } from './detection-table';
import { expOf, powersTable } from './exp-table';
import type { Grouping } from './grouping';
import type { PeopleTable } from './people-table';

/** Above this exponent, exp(−e) is below 0.05. */
const far = 3;

/** OKS of detections with people, on flat arrays, as COCOeval.computeOks (https://github.com/ppwwyyxx/cocoapi). */
export class OksMatrix {
  private readonly detections: DetectionTable;
  private readonly people: PeopleTable;
  private readonly variances: Float64Array;
  private readonly floor: number;
  private readonly only: number;
  private values = new Float64Array(1024);
  private readonly powers = powersTable();
  /** The labelled keypoints of the current person: index, coordinates, 1 / (2 · variance · area). */
  private readonly index: Uint32Array;
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly scale: Float64Array;
  private readonly exponents: Float64Array;

  /**
   * @param floor an OKS below it may be any number below it: computation stops when a pair can no longer reach it.
   * @param only evaluates only this keypoint, as if no other were labelled; −1 for all.
   */
  constructor(
    { detections, people }: { readonly detections: DetectionTable; readonly people: PeopleTable },
    sigmas: readonly number[],
    { floor = -Infinity, only = -1 }: { readonly floor?: number; readonly only?: number } = {},
  ) {
    this.detections = detections;
    this.people = people;
    this.variances = Float64Array.from(sigmas, (sigma) => (2 * sigma) ** 2);
    this.floor = floor;
    this.only = only;
    this.index = new Uint32Array(sigmas.length);
    this.x = new Float64Array(sigmas.length);
    this.y = new Float64Array(sigmas.length);
    this.scale = new Float64Array(sigmas.length);
    this.exponents = new Float64Array(sigmas.length);
  }

  /** OKS of a group's first `rows` detections (row) with all its people (column), valid until the next call. */
  fill({ people, detections }: Grouping, group: number, rows: number): Float64Array {
    const first = people.start[group]!;
    const columns = people.start[group + 1]! - first;
    const from = detections.start[group]!;
    if (rows * columns > this.values.length) this.values = new Float64Array(2 * rows * columns);
    for (let g = 0; g < columns; g++) {
      const person = people.order[first + g]!;
      const labelled = this.take(person);
      for (let d = 0; d < rows; d++) {
        this.values[d * columns + g] = this.similarity(detections.order[from + d]!, person, labelled);
      }
    }
    return this.values;
  }

  /** OKS of one detection with one person. */
  pair(detection: number, person: number): number {
    return this.similarity(detection, person, this.take(person));
  }

  /** Gathers a person's labelled keypoints; returns how many. */
  private take(person: number): number {
    const { keypoints, areas } = this.people;
    const truth = keypoints.chunk(person);
    const start = keypoints.offset(person);
    const area = areas.data[person]! + Number.EPSILON;
    let labelled = 0;
    for (let k = 0; k < this.variances.length; k++) {
      if (!(truth[start + 3 * k + 2]! > 0) || (this.only >= 0 && k !== this.only)) continue;
      this.index[labelled] = 2 * k;
      this.x[labelled] = truth[start + 3 * k]!;
      this.y[labelled] = truth[start + 3 * k + 1]!;
      this.scale[labelled++] = 0.5 / (this.variances[k]! * area);
    }
    return labelled;
  }

  private similarity(detection: number, person: number, labelled: number): number {
    const xy = this.detections.xy.chunk(detection);
    const at = this.detections.xy.offset(detection);
    const count = labelled === 0 ? this.variances.length : labelled;
    const near = labelled === 0 ? this.outsideBox(xy, at, person) : this.distances(xy, at, labelled);
    if (!near) return 0;
    const { exponents, powers } = this;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += expOf(powers, exponents[i]!);
    return sum / count;
  }

  /** Writes the exponents; false as soon as they are too large for the floor, which is so for most pairs. */
  private distances(xy: Float64Array, at: number, labelled: number): boolean {
    const { index, x, y, scale, exponents } = this;
    const enough = (this.floor - 1e-9) * labelled;
    let bound = labelled;
    for (let i = 0; i < labelled; i++) {
      const dx = xy[at + index[i]!]! - x[i]!;
      const dy = xy[at + index[i]! + 1]! - y[i]!;
      const e = (dx * dx + dy * dy) * scale[i]!;
      exponents[i] = e;
      if (e > far) {
        bound -= 0.95;
        if (bound < enough) return false;
      }
    }
    return true;
  }

  /** The same without a labelled keypoint: the distance of the detection from the person's box, doubled about its centre. */
  private outsideBox(xy: Float64Array, at: number, person: number): boolean {
    const { variances, exponents, people } = this;
    const box = people.boxes.chunk(person);
    const corner = people.boxes.offset(person);
    const [width, height] = [box[corner + 2]!, box[corner + 3]!];
    const left = box[corner]! - width;
    const right = box[corner]! + width * 2;
    const top = box[corner + 1]! - height;
    const bottom = box[corner + 1]! + height * 2;
    const area = people.areas.data[person]! + Number.EPSILON;
    const enough = (this.floor - 1e-9) * variances.length;
    let bound = variances.length;
    for (let k = 0; k < variances.length; k++) {
      const px = xy[at + 2 * k]!;
      const py = xy[at + 2 * k + 1]!;
      const dx = Math.max(0, left - px) + Math.max(0, px - right);
      const dy = Math.max(0, top - py) + Math.max(0, py - bottom);
      const e = ((dx * dx + dy * dy) * 0.5) / (variances[k]! * area);
      exponents[k] = e;
      if (e > far) {
        bound -= 0.95;
        if (bound < enough) return false;
      }
    }
    return true;
  }
}
