import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Person } from 'poseblocks/datasets';
import { imageFolder } from 'poseblocks/datasets/node';
import type { Keypoints } from 'poseblocks/keypoints';
import { cleaned, newReport } from './clean-labels';
import { trainingDataset, trainingPeople, type People } from './people';
import { stretchedPeople } from './stretched';
import { teach } from './teacher';

/** Each person of the training parts twice: cropped by the box, and as an image that is shown whole. */
export interface TaughtPeople {
  /** In their photographs, below {@link images}. */
  readonly cropped: readonly Person[];
  readonly stretched: readonly Person[];
  /** Folder of the photographs and of the stretched images. */
  readonly images: string;
  /** The same people, read from small images that were cut once. */
  readonly quick: People;
}

/**
 * What the weights are trained on, with the extended set's labels put right by the teacher, where there is one: it looks at cut images, and what it found is
 * kept in `out`.
 */
export async function taughtPeople(options: {
  readonly data: string;
  readonly out: string;
  readonly teacher?: string | undefined;
}): Promise<TaughtPeople> {
  const data = resolve(options.data);
  const images = resolve(options.out, 'photographs');
  mkdirSync(images, { recursive: true });
  for (const set of ['lsp', 'lspet'])
    if (!existsSync(join(images, set))) symlinkSync(join(data, set), join(images, set));

  const kept = await trainingPeople(data, options.out);
  const cut = options.teacher === undefined ? kept.persons : await putRight(kept, options.teacher, options.out);
  const byId = new Map((await trainingDataset(data)).persons.map((person) => [person.id, person]));
  const cropped = cut.map((person) => inPhotograph(person, byId.get(person.id)!));
  const stretched = await stretchedPeople(cropped, data, images, 1 + Math.max(...byId.keys()));
  const read = imageFolder(images, { cache: stretched.length });
  const whole = new Set(stretched.map(({ id }) => id));
  const readImage: People['readImage'] = (person) => (whole.has(person.id) ? read(person) : kept.readImage(person));
  return { cropped, stretched, images, quick: { persons: [...cut, ...stretched], readImage } };
}

async function putRight(people: People, teacher: string, out: string): Promise<readonly Person[]> {
  const extended = { ...people, persons: people.persons.filter(({ fileName }) => fileName.startsWith('lspet/')) };
  const found = await teach(extended, teacher, join(out, 'teacher.jsonl'));
  const report = newReport();
  const persons = people.persons.map((person) => {
    const answer = found.get(person.id);
    if (answer === undefined) return person;
    const keypoints = cleaned(person.keypoints, answer, Math.max(person.box[2], person.box[3]), report);
    return { ...person, keypoints };
  });
  console.log('The teacher:', JSON.stringify(report));
  return persons;
}

/** A person of a cut image in the photograph; the box is the same one in both. */
function inPhotograph({ keypoints, box: from }: Person, photographed: Person): Person {
  const { box: to } = photographed;
  const axis = (value: number, i: number): number => to[i]! + ((value - from[i]!) * to[i + 2]!) / from[i + 2]!;
  const moved: Keypoints<'image'> = { ...keypoints, xy: keypoints.xy.map((value, i) => axis(value, i % 2)) };
  return { ...photographed, keypoints: moved };
}
