import { readFile } from 'node:fs/promises';
import { syntheticPeople, type Person, type RgbImage } from 'poseblocks/datasets';
import { imageFolder, readCocoFile } from 'poseblocks/datasets/node';
import type { KeypointSet } from 'poseblocks/keypoints';
import type { CocoDataset } from 'poseblocks/metrics';
import type { DemoOptions } from './options';

export interface DemoData {
  /** One line for the report. */
  readonly description: string;
  readonly keypointSet: KeypointSet;
  readonly training: readonly Person[];
  readonly evaluation: readonly Person[];
  /** Whether the persons that are evaluated were trained on. */
  readonly seen: boolean;
  /** COCO's own records of the persons that are evaluated. */
  readonly truth: CocoDataset;
  readonly defaultSteps: number;
  readonly readImage: (person: Person) => RgbImage | Promise<RgbImage>;
}

/** Below this, persons are too few to hold some out. */
const ENOUGH = 40;

/** The user's photographs, or synthetic people. */
export async function demoData({ images, annotations, seed }: DemoOptions): Promise<DemoData> {
  return images !== undefined && annotations !== undefined ? photographs(images, annotations) : synthetic(seed);
}

async function photographs(folder: string, file: string): Promise<DemoData> {
  const { persons, skipped, keypointSet } = await readCocoFile(file);
  if (persons.length === 0) {
    throw new RangeError(`demo: ${file} must hold a person with keypoints. Received: none, ${skipped.length} skipped.`);
  }
  for (const { id, reason, detail } of skipped)
    console.log(`  skipped annotation ${id}: ${reason}${detail ? ` (${detail})` : ''}`);
  const seen = persons.length < ENOUGH;
  const held = seen ? persons : persons.filter((_, index) => index % 5 === 4);
  const ids = new Set(held.map(({ imageId }) => imageId));
  const truth = JSON.parse(await readFile(file, 'utf8')) as CocoDataset;
  return {
    description: `${persons.length} annotated persons of ${file}`,
    keypointSet,
    training: seen ? persons : persons.filter((_, index) => index % 5 !== 4),
    evaluation: held,
    seen,
    truth: seen ? truth : { ...truth, annotations: truth.annotations.filter(({ image_id }) => ids.has(image_id)) },
    defaultSteps: seen ? 180 : 300,
    readImage: imageFolder(folder),
  };
}

function synthetic(seed: number): DemoData {
  const training = syntheticPeople({ seed, count: 3000 });
  const evaluation = syntheticPeople({ seed: seed + 1_000_000, count: 200 });
  // Training and held-out images are numbered alike: which set a person is of tells which image is meant.
  const held = new Set(evaluation.persons);
  const readImage = (person: Person): RgbImage => (held.has(person) ? evaluation : training).readImage(person);
  return {
    description: `synthetic people: ${training.persons.length} to train on, ${evaluation.persons.length} held out`,
    keypointSet: training.keypointSet,
    training: training.persons,
    evaluation: evaluation.persons,
    seen: false,
    truth: evaluation.json as CocoDataset,
    defaultSteps: 170,
    readImage,
  };
}
