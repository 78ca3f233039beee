import { categoryKeypointSet, readCoco } from 'poseblocks/datasets';
import type { KeypointSet } from 'poseblocks/keypoints';
import { isPicture } from '../file-kinds';
import type { Project } from '../project';
import { photograph } from '../sources';
import type { StoredPerson } from '../storage';

/** Labels of a COCO file, by the picture's name. */
interface Labels {
  readonly set: KeypointSet;
  readonly people: Map<string, StoredPerson[]>;
}

/**
 * Takes pictures, and labels from a COCO file, for these pictures and for those that are there already.
 *
 * @param takeSet makes the file's keypoints the project's.
 * @returns what was taken in, in words.
 */
export async function takeLabelled(
  project: Project,
  files: readonly File[],
  takeSet: (set: KeypointSet) => Promise<void>,
): Promise<string> {
  const json = files.find((file) => /\.json$/i.test(file.name));
  const images = files.filter(isPicture);
  const labels = json ? await readLabels(json) : undefined;
  if (labels) await takeSet(labels.set);
  for (const file of images) {
    if (project.pictures.some(({ name }) => name === file.name)) continue;
    const image = await photograph(file);
    const { width, height } = image;
    image.close();
    await project.add(file.name, file, width, height, labels?.people.get(file.name) ?? []);
  }
  for (const picture of labels ? project.pictures : []) {
    const people = labels!.people.get(picture.name);
    if (people && people !== picture.people) await project.label(picture, people);
  }
  const count = labels ? [...labels.people.values()].reduce((sum, { length }) => sum + length, 0) : 0;
  return `${images.length} pictures${labels ? ` and ${count} labelled people` : ''} taken in.`;
}

async function readLabels(file: File): Promise<Labels> {
  const text = await file.text();
  const category = (JSON.parse(text) as { categories?: unknown[] }).categories?.[0];
  const set = categoryKeypointSet(category, { source: file.name, list: 'categories', index: 0 });
  const { persons } = readCoco(text, { keypointSet: set, source: file.name });
  const people = new Map<string, StoredPerson[]>();
  for (const { fileName, keypoints, box } of persons) {
    const name = fileName.replace(/^.*\//, '');
    const person = { xy: [...keypoints.xy], score: [...keypoints.score], box: [...box] as never };
    people.set(name, [...(people.get(name) ?? []), person]);
  }
  return { set, people };
}
