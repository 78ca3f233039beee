import { attempt, say } from '../notice';
import type { Picture, Project } from '../project';
import { photograph } from '../sources';
import type { StoredPerson } from '../storage';

/** What is being labelled: a picture, a person in it, a keypoint; and the ways to change it. */
export class Labelling {
  picture: Picture | undefined;
  person = 0;
  keypoint = 0;
  /** Of the picture, once it is decoded. */
  bitmap: ImageBitmap | undefined;
  /** The keyboard's cross, in pixels of the picture. */
  cursor: readonly [number, number] | undefined;

  readonly project: Project;
  private readonly signal: AbortSignal;
  private readonly changed: () => void;

  /** @param changed called after each change. */
  constructor(project: Project, signal: AbortSignal, changed: () => void) {
    this.project = project;
    this.signal = signal;
    this.changed = changed;
    this.picture = project.pictures[0];
    signal.addEventListener('abort', () => this.bitmap?.close());
  }

  get current(): StoredPerson {
    const { names } = this.project.plan;
    return this.picture?.people[this.person] ?? { xy: names.flatMap(() => [0, 0]), score: names.map(() => 0) };
  }

  /** Changes the current person; its box is that of its keypoints from then on. */
  change(edit: (copy: { xy: number[]; score: number[] }) => void): void {
    const { picture, person } = this;
    if (picture === undefined) return;
    const { box: _, ...rest } = structuredClone(this.current);
    edit(rest);
    const people = [...picture.people];
    people[Math.min(person, people.length)] = rest;
    attempt(async () => {
      await this.project.label(picture, people);
      this.changed();
    });
  }

  move(keypoint: number, x: number, y: number): void {
    this.change(({ xy }) => xy.splice(2 * keypoint, 2, x, y));
  }

  /** Places the current keypoint, and goes to the next that is not placed. */
  place(x: number, y: number, visibility: 1 | 2): void {
    const { names } = this.project.plan;
    if (names.length === 0) return say('Name your keypoints first.', 'error');
    const k = this.keypoint;
    // At once: the next click must find the next keypoint.
    const { score } = this.current;
    const open = names.flatMap((_, i) => (i !== k && !(score[i]! > 0) ? [i] : []));
    this.change((person) => {
      person.xy.splice(2 * k, 2, x, y);
      person.score[k] = visibility;
    });
    this.select({ keypoint: open.find((i) => i > k) ?? open[0] ?? k });
  }

  select(choice: { readonly person?: number; readonly keypoint?: number }): void {
    Object.assign(this, choice);
    this.changed();
  }

  /** To the next picture, or the previous one. */
  step(by: 1 | -1): void {
    const next = this.project.pictures[this.project.pictures.indexOf(this.picture!) + by];
    if (next) attempt(() => this.choose(next));
  }

  async choose(next: Picture | undefined): Promise<void> {
    Object.assign(this, { picture: next, person: 0, keypoint: 0 });
    await this.open();
  }

  async remove(): Promise<void> {
    const { picture, project } = this;
    if (picture === undefined) return;
    const i = project.pictures.indexOf(picture);
    await project.removePicture(picture);
    await this.choose(project.pictures[Math.min(i, project.pictures.length - 1)]);
  }

  /** Decodes the picture, and begins at its first keypoint that is not placed. */
  async open(): Promise<void> {
    const { picture } = this;
    const image = picture ? await photograph(picture.blob) : undefined;
    if (this.picture !== picture || this.signal.aborted) return image?.close();
    this.bitmap?.close();
    this.bitmap = image;
    this.cursor = undefined;
    this.select({
      keypoint: Math.max(
        0,
        this.current.score.findIndex((value) => !(value > 0)),
      ),
    });
  }
}
