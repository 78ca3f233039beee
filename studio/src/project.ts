import type { CocoFile, Person, RgbImage } from 'poseblocks/datasets';
import { all, clear, get, put, remove, type StoredPerson, type Stores } from './storage';

/** A picture with its labels. */
export interface Picture {
  readonly id: string;
  readonly name: string;
  readonly blob: Blob;
  readonly width: number;
  readonly height: number;
  readonly order: number;
  people: StoredPerson[];
}

/** Keypoints as they are named in the page. */
export interface SkeletonPlan {
  name: string;
  names: string[];
  edges: [string, string][];
  flipPairs: [string, string][];
}

export const emptyPlan = (): SkeletonPlan => ({ name: 'my keypoints', names: [], edges: [], flipPairs: [] });

/** What is labelled, kept in the browser as it changes. */
export class Project {
  plan: SkeletonPlan = emptyPlan();
  pictures: Picture[] = [];
  private readonly undone: (() => Promise<void>)[] = [];
  private readonly done: { undo: () => Promise<void>; redo: () => Promise<void> }[] = [];

  static async load(): Promise<Project> {
    const project = new Project();
    const [plan, pictures] = await Promise.all([get('project', 'plan'), all('pictures')]);
    if (plan) project.plan = plan.value as SkeletonPlan;
    project.pictures = pictures.sort((a, b) => a.order - b.order);
    return project;
  }

  async setPlan(plan: SkeletonPlan): Promise<void> {
    this.plan = plan;
    await put('project', { id: 'plan', value: plan });
  }

  async add(name: string, blob: Blob, width: number, height: number, people: StoredPerson[] = []): Promise<Picture> {
    const order = (this.pictures.at(-1)?.order ?? 0) + 1;
    const picture: Picture = { id: crypto.randomUUID(), name, blob, width, height, order, people };
    this.pictures.push(picture);
    await put('pictures', picture as Stores['pictures']);
    return picture;
  }

  async removePicture(picture: Picture): Promise<void> {
    this.pictures = this.pictures.filter((each) => each !== picture);
    await remove('pictures', picture.id);
  }

  /** Changes the labels of a picture; can be undone. */
  async label(picture: Picture, people: StoredPerson[]): Promise<void> {
    const before = picture.people;
    const set = async (value: StoredPerson[]): Promise<void> => {
      picture.people = value;
      await put('pictures', picture as Stores['pictures']);
    };
    this.done.push({ undo: () => set(before), redo: () => set(people) });
    if (this.done.length > 500) this.done.shift();
    this.undone.length = 0;
    await set(people);
  }

  async undo(): Promise<boolean> {
    const step = this.done.pop();
    if (step === undefined) return false;
    this.undone.push(async () => {
      this.done.push(step);
      await step.redo();
    });
    await step.undo();
    return true;
  }

  async redo(): Promise<boolean> {
    const step = this.undone.pop();
    await step?.();
    return step !== undefined;
  }

  async begin(): Promise<void> {
    await Promise.all([clear('pictures'), clear('project')]);
    Object.assign(this, { plan: emptyPlan(), pictures: [] });
    this.done.length = this.undone.length = 0;
  }

  /** How many pictures have someone labelled. */
  get labelled(): number {
    return this.pictures.filter(({ people }) => people.some(isLabelled)).length;
  }
}

export const isLabelled = ({ score }: StoredPerson): boolean => score.some((value) => value > 0);

/** The person's box: as imported, or around its keypoints with a tenth on each side. */
export function boxOf(
  { xy, score, box }: StoredPerson,
  width: number,
  height: number,
): [number, number, number, number] {
  if (box) return [...box];
  const xs = score.flatMap((value, k) => (value > 0 ? [xy[2 * k]!] : []));
  const ys = score.flatMap((value, k) => (value > 0 ? [xy[2 * k + 1]!] : []));
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const margin = 0.1 * Math.max(x1 - x0, y1 - y0, 8);
  const [left, top] = [Math.max(0, x0 - margin), Math.max(0, y0 - margin)];
  return [left, top, Math.min(width, x1 + margin) - left, Math.min(height, y1 + margin) - top];
}

/** The project as COCO's JSON. */
export function toCoco({ plan, pictures }: Project): CocoFile {
  const index = new Map(plan.names.map((name, k) => [name, k + 1]));
  const annotations = pictures.flatMap(({ people, width, height }, i) =>
    people.filter(isLabelled).map((person) => {
      const bbox = boxOf(person, width, height);
      return {
        image_id: i + 1,
        category_id: 1,
        bbox,
        keypoints: person.score.flatMap((v, k) => (v > 0 ? [person.xy[2 * k]!, person.xy[2 * k + 1]!, v] : [0, 0, 0])),
        num_keypoints: person.score.filter((v) => v > 0).length,
        area: bbox[2] * bbox[3],
        iscrowd: 0 as const,
      };
    }),
  );
  return {
    images: pictures.map(({ name, width, height }, i) => ({ id: i + 1, file_name: name, width, height })),
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: [
      {
        id: 1,
        name: plan.name,
        keypoints: plan.names,
        skeleton: plan.edges.map(([a, b]) => [index.get(a)!, index.get(b)!]),
      },
    ],
  };
}

/** People and their pictures as training reads them, one in five held out. */
export interface Division {
  readonly training: Person[];
  readonly heldOut: Person[];
  readonly readImage: (person: Pick<Person, 'imageId'>) => Promise<RgbImage>;
}

/** Longer side of the pictures in training: more than the network's input needs is only memory. */
const LONGEST = 512;

export async function divide({ pictures }: Project): Promise<Division> {
  const { readPixels } = await import('poseblocks/inference');
  const images = new Map<number, Promise<RgbImage>>();
  const persons: Person[][] = [[], []];
  let id = 0;
  let counted = 0;
  pictures.forEach(({ name, people, width, height }, imageId) => {
    const some = people.filter(isLabelled);
    if (some.length === 0) return;
    const held = counted++ % 5 === 4 ? 1 : 0;
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    for (const person of some) {
      const box = boxOf(person, width, height).map((value) => value * scale) as [number, number, number, number];
      // Coordinate 0 is the first pixel's centre.
      const xy = Float32Array.from(person.xy, (value) => (value + 0.5) * scale - 0.5);
      const score = Float32Array.from(person.score);
      const keypoints = { frame: 'image', xy, score } as const;
      persons[held]!.push({
        id: ++id,
        imageId,
        fileName: name,
        box,
        keypoints,
        area: box[2] * box[3],
        iscrowd: false,
      } as Person);
    }
  });
  const readImage = ({ imageId }: Pick<Person, 'imageId'>): Promise<RgbImage> => {
    const { blob, width, height } = pictures[imageId]!;
    const kept =
      images.get(imageId) ?? readPixels(blob, { scale: LONGEST / Math.max(width, height) }).then(({ image }) => image);
    images.set(imageId, kept);
    return kept;
  };
  return { training: persons[0]!, heldOut: persons[1]!, readImage };
}
