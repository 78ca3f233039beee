import type { DetectionTable } from './detection-table';
import type { PeopleTable } from './people-table';

/** exp(−e) is 0 in float64 from here on. */
const vanishing = 746;

/**
 * OKS of detections with people, on flat arrays, as COCOeval.computeOks (https://github.com/ppwwyyxx/cocoapi): in its
 * order of operations, so that ties fall alike.
 */
export class OksMatrix {
  /** Row d, column g; OKS below `floor` may be any number below it. */
  values = new Float64Array(1024);
  private readonly variances: Float64Array;
  private readonly floor: number;
  private readonly only: number;

  /**
   * @param floor Values below it need not be exact: a pair that can no longer reach it is left early.
   * @param only Looks at this keypoint alone, as if no other were labelled; −1 for all.
   */
  constructor(
    sigmas: readonly number[],
    { floor = -Infinity, only = -1 }: { readonly floor?: number; readonly only?: number } = {},
  ) {
    this.variances = Float64Array.from(sigmas, (sigma) => (2 * sigma) ** 2);
    this.floor = floor;
    this.only = only;
  }

  /** Fills {@link values} for detections `order[from…from + rows)` and the people `people[first…last)`. */
  fill(
    detections: DetectionTable,
    order: Uint32Array,
    from: number,
    rows: number,
    people: PeopleTable,
    persons: Uint32Array,
    first: number,
    last: number,
  ): Float64Array {
    const columns = last - first;
    if (rows * columns > this.values.length) this.values = new Float64Array(2 * rows * columns);
    for (let g = 0; g < columns; g++) {
      const person = persons[first + g]!;
      for (let d = 0; d < rows; d++) {
        this.values[d * columns + g] = this.pair(detections, order[from + d]!, people, person);
      }
    }
    return this.values;
  }

  /** OKS of one detection with one person. */
  pair(detections: DetectionTable, detection: number, people: PeopleTable, person: number): number {
    const { variances, only } = this;
    const xy = detections.xy.chunk(detection);
    const truth = people.keypoints.chunk(person);
    const at = detections.xy.offset(detection);
    const start = people.keypoints.offset(person);
    const scale = people.areas.data[person]! + Number.EPSILON;
    const begin = only < 0 ? 0 : only;
    const end = only < 0 ? variances.length : only + 1;
    let labelled = 0;
    for (let k = begin; k < end; k++) if (truth[start + 3 * k + 2]! > 0) labelled++;
    if (labelled === 0) return outsideBox(xy, at, people.boxes.row(person), variances, scale);

    let sum = 0;
    let missing = labelled;
    const enough = this.floor * labelled - 1e-9 * labelled;
    for (let k = begin; k < end; k++) {
      if (!(truth[start + 3 * k + 2]! > 0)) continue;
      const dx = xy[at + 2 * k]! - truth[start + 3 * k]!;
      const dy = xy[at + 2 * k + 1]! - truth[start + 3 * k + 1]!;
      const e = (dx * dx + dy * dy) / variances[k]! / scale / 2;
      if (e < vanishing) sum += Math.exp(-e);
      if (sum + --missing < enough) break;
    }
    return sum / labelled;
  }
}

/** With no keypoint labelled: how far the detection lies outside the person's box, doubled about its centre, over all keypoints. */
function outsideBox(xy: Float64Array, at: number, box: Float64Array, variances: Float64Array, scale: number): number {
  const [x, y, width, height] = box as unknown as [number, number, number, number];
  const left = x - width;
  const right = x + width * 2;
  const top = y - height;
  const bottom = y + height * 2;
  let sum = 0;
  for (let k = 0; k < variances.length; k++) {
    const px = xy[at + 2 * k]!;
    const py = xy[at + 2 * k + 1]!;
    const dx = Math.max(0, left - px) + Math.max(0, px - right);
    const dy = Math.max(0, top - py) + Math.max(0, py - bottom);
    const e = (dx * dx + dy * dy) / variances[k]! / scale / 2;
    if (e < vanishing) sum += Math.exp(-e);
  }
  return sum / variances.length;
}
