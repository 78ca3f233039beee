import { Numbers } from '../store/numbers';
import { Rows } from '../store/rows';
import { failField, isArray, readFinite, readId, readNumbers, readObject, type RecordPlace } from '../../coco';
import { setHint } from './people-table';

/** Detections, column by column. */
export class DetectionTable {
  readonly images: Numbers = new Numbers();
  readonly categories: Numbers = new Numbers();
  readonly scores: Numbers = new Numbers();
  /** Area of the record's `bbox`; NaN without one. */
  readonly boxAreas: Numbers = new Numbers();
  /** Area of the box around its keypoints. */
  readonly extents: Numbers = new Numbers();
  /** Position of each record in the whole list, which orders records of equal score. */
  readonly positions: Numbers = new Numbers();
  /** `[x, y, …]`, 2·K. */
  readonly xy: Rows;
  /** The scores of the keypoints, K; kept only for rescoring. */
  readonly confidences: Rows | null;
  private readonly width: number;
  /** Extent of the last copied keypoints. */
  private extent = 0;

  constructor(keypoints: number, withConfidences: boolean) {
    this.width = 3 * keypoints;
    this.xy = new Rows(2 * keypoints);
    this.confidences = withConfidences ? new Rows(keypoints) : null;
  }

  get length(): number {
    return this.scores.length;
  }

  /** Adds one record of COCO's results; on an error nothing is stored. */
  append(record: unknown, place: RecordPlace, position: number): void {
    const fields = readObject(record, place);
    const image = readId(fields['image_id'], place, 'image_id');
    const category = readId(fields['category_id'], place, 'category_id');
    const score = readFinite(fields['score'], place, 'score');
    const keypoints = fields['keypoints'];
    if (keypoints === undefined && isArray(fields['bbox'])) failField(place, 'keypoints', 'be there', undefined, BOXES);
    if (!isArray(keypoints) || keypoints.length !== this.width || !this.copyKeypoints(keypoints)) {
      readNumbers(keypoints, place, 'keypoints', this.width, setHint(this.width)); // throws with the reason
    }
    const box = fields['bbox'];
    let boxArea = NaN;
    if (box !== undefined && box !== null && !(Array.isArray(box) && box.length === 0)) {
      const [, , w, h] = Array.from(readNumbers(box, place, 'bbox', 4, 'x, y, width, height'));
      boxArea = w! * h!;
    }
    this.images.push(image);
    this.categories.push(category);
    this.scores.push(score);
    this.boxAreas.push(boxArea);
    this.positions.push(position);
    this.keepKeypoints(keypoints as ArrayLike<number>);
  }

  /** Removes every record from `length` on. */
  truncate(length: number): void {
    const columns = [this.images, this.categories, this.scores, this.boxAreas, this.extents, this.positions];
    for (const column of [...columns, this.xy, ...(this.confidences ? [this.confidences] : [])]) column.length = length;
  }

  /** Adds another table's records. */
  merge(other: DetectionTable): void {
    for (let i = 0; i < other.length; i++) {
      this.images.push(other.images.data[i]!);
      this.categories.push(other.categories.data[i]!);
      this.scores.push(other.scores.data[i]!);
      this.boxAreas.push(other.boxAreas.data[i]!);
      this.extents.push(other.extents.data[i]!);
      this.positions.push(other.positions.data[i]!);
      this.xy.pushRow(other.xy.row(i));
      if (this.confidences && other.confidences) this.confidences.pushRow(other.confidences.row(i));
    }
  }

  /** Validates keypoints and writes their coordinates after the last row, which stays unused until the record is kept. */
  private copyKeypoints(keypoints: ArrayLike<unknown>): boolean {
    const row = this.xy.add();
    this.xy.length--;
    const xy = this.xy.chunk(row);
    let at = this.xy.offset(row);
    let left = Infinity;
    let top = Infinity;
    let right = -Infinity;
    let bottom = -Infinity;
    let rest = 0; // 0 while every score is finite
    for (let i = 0; i < this.width; i += 3) {
      const x = keypoints[i];
      const y = keypoints[i + 1];
      const score = keypoints[i + 2];
      if (typeof x !== 'number' || typeof y !== 'number' || typeof score !== 'number') return false;
      xy[at++] = x;
      xy[at++] = y;
      rest += score - score + (x - x) + (y - y);
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    this.extent = (right - left) * (bottom - top);
    return rest === 0;
  }

  private keepKeypoints(keypoints: ArrayLike<number>): void {
    this.xy.length++;
    this.extents.push(this.extent);
    if (!this.confidences) return;
    const row = this.confidences.add();
    const scores = this.confidences.chunk(row);
    const start = this.confidences.offset(row);
    for (let k = 0; k < this.width / 3; k++) scores[start + k] = keypoints[3 * k + 2]!;
  }
}

const BOXES =
  'The record has a box only, as those of detectors: find the keypoints in the boxes first (poseblocks predict MODEL IMAGES --boxes FILE), and evaluate what that writes.';
