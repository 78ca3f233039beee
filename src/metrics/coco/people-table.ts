import { Numbers } from '../store/numbers';
import { Rows } from '../store/rows';
import { failField, readFinite, readFlag, readId, readNumbers, readObject, type RecordPlace } from './fields';

/** Ground truth, column by column. */
export class PeopleTable {
  readonly ids: Numbers = new Numbers();
  readonly images: Numbers = new Numbers();
  readonly categories: Numbers = new Numbers();
  readonly areas: Numbers = new Numbers();
  readonly crowds: Numbers = new Numbers();
  /** The field `num_keypoints`. */
  readonly labelled: Numbers = new Numbers();
  /** Where each record stood in the whole list: what orders records that are otherwise equal. */
  readonly positions: Numbers = new Numbers();
  readonly boxes: Rows = new Rows(4);
  /** `[x, y, v, …]`, 3·K. */
  readonly keypoints: Rows;
  private readonly seen = new Set<number>();

  constructor(keypoints: number) {
    this.keypoints = new Rows(3 * keypoints);
  }

  get length(): number {
    return this.ids.length;
  }

  /** Reads one record of COCO's annotations; on an error nothing is stored. */
  append(record: unknown, place: RecordPlace, position: number): void {
    const fields = readObject(record, place);
    const id = readId(fields['id'], place, 'id');
    if (this.seen.has(id)) failField(place, 'id', 'be unique among the annotations', id);
    const image = readId(fields['image_id'], place, 'image_id');
    const category = fields['category_id'] === undefined ? 1 : readId(fields['category_id'], place, 'category_id');
    const keypoints = readNumbers(
      fields['keypoints'],
      place,
      'keypoints',
      this.keypoints.width,
      triplets(this.keypoints.width),
    );
    const labelled = readFinite(fields['num_keypoints'], place, 'num_keypoints');
    const area = readFinite(fields['area'], place, 'area');
    if (area < 0) failField(place, 'area', 'be at least 0', area);
    const box = readNumbers(fields['bbox'], place, 'bbox', 4, 'x, y, width, height');
    const crowd = readFlag(fields['iscrowd'], place, 'iscrowd');
    this.seen.add(id);
    this.push({ id, image, category, area, crowd: crowd ? 1 : 0, labelled, position, box, keypoints });
  }

  /** Forgets every record from `length` on. */
  truncate(length: number): void {
    for (let i = length; i < this.length; i++) this.seen.delete(this.ids.data[i]!);
    const columns = [this.ids, this.images, this.categories, this.areas, this.crowds, this.labelled, this.positions];
    for (const column of [...columns, this.boxes, this.keypoints]) column.length = length;
  }

  /** The same people, those that `which` picks by row with no keypoint labelled, so that nobody demands them. */
  ignoring(which: (row: number) => boolean): PeopleTable {
    const copy = new PeopleTable(this.keypoints.width / 3);
    for (let i = 0; i < this.length; i++) copy.push({ ...this.record(i), ...(which(i) ? { labelled: 0 } : {}) });
    return copy;
  }

  /** Notes the ids that columns were filled with directly. */
  indexIds(): void {
    for (let i = 0; i < this.length; i++) this.seen.add(this.ids.data[i]!);
  }

  /** Adds another table's records; one that both hold must be the same in both. */
  merge(other: PeopleTable, where: string): void {
    const known = new Map<number, number>();
    for (let i = 0; i < this.length; i++) known.set(this.ids.data[i]!, i);
    for (let i = 0; i < other.length; i++) {
      const id = other.ids.data[i]!;
      const mine = known.get(id);
      if (mine === undefined) continue;
      if (!this.sameRecord(mine, other, i)) {
        throw new RangeError(
          `${where}: both hold annotation ${id}, which must be the same in both. Received: two that differ.`,
        );
      }
    }
    for (let i = 0; i < other.length; i++) {
      const mine = known.get(other.ids.data[i]!);
      if (mine === undefined) this.push(other.record(i));
      // Either order of merging must give the same table.
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

/** What an array of `length` numbers holds, for error messages. */
export function triplets(length: number): string {
  return `x, y and v of ${length / 3} keypoints; pass sigmas for another set`;
}
