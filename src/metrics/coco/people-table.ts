import { Numbers } from '../store/numbers';
import { Rows } from '../store/rows';
import { failField, readNumbers, readPersonRecord, triplets, type RecordPlace } from '../../coco';

/** Ground truth, column by column. */
export class PeopleTable {
  readonly ids: Numbers = new Numbers();
  readonly images: Numbers = new Numbers();
  readonly categories: Numbers = new Numbers();
  readonly areas: Numbers = new Numbers();
  readonly crowds: Numbers = new Numbers();
  /** The field `num_keypoints`. */
  readonly labelled: Numbers = new Numbers();
  /** Position of each record in the whole list, which orders otherwise equal records. */
  readonly positions: Numbers = new Numbers();
  readonly boxes: Rows = new Rows(4);
  /** `[x, y, v, …]`, 3·K. */
  readonly keypoints: Rows;
  private readonly seen = new Set<number>();
  private readonly useArea: boolean;

  /** @param useArea uses the record's area; otherwise 0.53 of its box's */
  constructor(keypoints: number, useArea = true) {
    this.keypoints = new Rows(3 * keypoints);
    this.useArea = useArea;
  }

  get length(): number {
    return this.ids.length;
  }

  /** Adds one record of COCO's annotations; on an error nothing is stored. */
  append(record: unknown, place: RecordPlace, position: number): void {
    const { width } = this.keypoints;
    const person = readPersonRecord(record, place, width);
    const { id, image, category, labelled, box, crowd } = person;
    if (this.seen.has(id)) failField(place, 'id', 'be unique among the annotations', id);
    const keypoints = person.keypoints ?? readNumbers(undefined, place, 'keypoints', width, setHint(width));
    const area = this.useArea ? person.area : box[2]! * box[3]! * 0.53;
    if (Number.isNaN(area)) failField(place, 'area', 'be a finite number', undefined, AREA_HINT);
    this.seen.add(id);
    this.push({ id, image, category, area, crowd: crowd ? 1 : 0, labelled, position, box, keypoints });
  }

  /** Removes every record from `length` on. */
  truncate(length: number): void {
    for (let i = length; i < this.length; i++) this.seen.delete(this.ids.data[i]!);
    const columns = [this.ids, this.images, this.categories, this.areas, this.crowds, this.labelled, this.positions];
    for (const column of [...columns, this.boxes, this.keypoints]) column.length = length;
  }

  /** The same people; those selected by `which` (by row) lose their labelled keypoints, so they need not be found. */
  ignoring(which: (row: number) => boolean): PeopleTable {
    const copy = new PeopleTable(this.keypoints.width / 3, this.useArea);
    for (let i = 0; i < this.length; i++) copy.push({ ...this.record(i), ...(which(i) ? { labelled: 0 } : {}) });
    return copy;
  }

  /** Registers the ids of columns that were filled directly. */
  indexIds(): void {
    for (let i = 0; i < this.length; i++) this.seen.add(this.ids.data[i]!);
  }

  /** Adds another table's records; a record in both must be equal. */
  merge(other: PeopleTable, where: string): void {
    const known = new Map<number, number>();
    for (let i = 0; i < this.length; i++) known.set(this.ids.data[i]!, i);
    for (let i = 0; i < other.length; i++) {
      const id = other.ids.data[i]!;
      const mine = known.get(id);
      if (mine === undefined) continue;
      if (!this.sameRecord(mine, other, i)) {
        throw new RangeError(`${where}: annotation ${id} must be equal in both. Received: two different records.`);
      }
    }
    for (let i = 0; i < other.length; i++) {
      const mine = known.get(other.ids.data[i]!);
      if (mine === undefined) this.push(other.record(i));
      // Both orders of merging must give the same table.
      else this.positions.data[mine] = Math.min(this.positions.data[mine]!, other.positions.data[i]!);
    }
  }

  record(i: number): Person {
    return {
      id: this.ids.data[i]!,
      image: this.images.data[i]!,
      category: this.categories.data[i]!,
      area: this.areas.data[i]!,
      crowd: this.crowds.data[i]!,
      labelled: this.labelled.data[i]!,
      position: this.positions.data[i]!,
      box: this.boxes.row(i),
      keypoints: this.keypoints.row(i),
    };
  }

  push(person: Person): void {
    this.seen.add(person.id);
    this.ids.push(person.id);
    this.images.push(person.image);
    this.categories.push(person.category);
    this.areas.push(person.area);
    this.crowds.push(person.crowd);
    this.labelled.push(person.labelled);
    this.positions.push(person.position);
    this.boxes.pushRow(person.box);
    this.keypoints.pushRow(person.keypoints);
  }

  private sameRecord(i: number, other: PeopleTable, j: number): boolean {
    const flat = ({ image, category, area, crowd, labelled, box, keypoints }: Person): number[] => [
      ...[image, category, area, crowd, labelled],
      ...Array.from(box),
      ...Array.from(keypoints),
    ];
    const theirs = flat(other.record(j));
    return flat(this.record(i)).every((value, k) => value === theirs[k]);
  }
}

/** One row of a {@link PeopleTable}. */
export interface Person {
  readonly id: number;
  readonly image: number;
  readonly category: number;
  readonly area: number;
  readonly crowd: number;
  readonly labelled: number;
  readonly position: number;
  readonly box: ArrayLike<number>;
  readonly keypoints: ArrayLike<number>;
}

/** Describes an array of `length` numbers in error messages. */
export const setHint = (length: number): string => `${triplets(length)}; pass sigmas for another set`;

const AREA_HINT = 'For data sets without areas, useArea: false uses 0.53 · width · height of the box.';
