import { COCO } from '../../keypoints';
import type { CocoFile, CocoImage, CocoPersonRecord } from '../../coco';
import { readCoco } from '../coco/read-coco';
import type { RgbImage } from '../image';
import type { Person, PoseDataset } from '../person';
import { syntheticScene, type SceneOptions } from './scene';

/** Options of {@link syntheticPeople}. */
export interface SyntheticPeopleOptions extends Omit<SceneOptions, 'index'> {
  /** Number of labelled people, in as many images as needed. */
  readonly count: number;
}

/** Synthetic people as a dataset, with the images and the COCO file that describes them. */
export interface SyntheticDataset extends PoseDataset {
  /** The annotations, as an annotator would write them: for `evaluateCoco`, or to save. */
  readonly json: CocoFile;
  readonly images: readonly RgbImage[];
  /** For `topDown({ readImage })`. */
  readonly readImage: (person: Pick<Person, 'imageId'>) => RgbImage;
}

/**
 * Seeded, articulated, clothed figures in images, labelled like COCO, for runs without a download. Different
 * seeds give different people; hold some out with another seed. Images are kept, 3 · width · height bytes each:
 * use {@link syntheticScene} for more images than fit into memory.
 *
 * @throws RangeError when the count is not positive, the image is smaller than 32 pixels, or `people` is not a range.
 * @example
 * const { persons, readImage, json } = syntheticPeople({ seed: 1, count: 500 });
 * for await (const batch of topDown({ persons, readImage, codec, seed: 1 })) …
 */
export function syntheticPeople({ count, ...options }: SyntheticPeopleOptions): SyntheticDataset {
  const { imageSize = [256, 256], people = [1, 3], seed } = options;
  if (!(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`syntheticPeople: count must be a positive integer. Received: ${count}.`);
  }
  if (!imageSize.every((side) => Number.isInteger(side) && side >= 32)) {
    throw new RangeError(`syntheticPeople: imageSize must be integers of at least 32. Received: [${imageSize}].`);
  }
  if (!(people.every(Number.isInteger) && people[0] >= 1 && people[1] >= people[0] && people[1] <= 100)) {
    throw new RangeError(`syntheticPeople: people must be [fewest, most] from 1 to 100. Received: [${people}].`);
  }
  const images: RgbImage[] = [];
  const records: CocoImage[] = [];
  const annotations: CocoPersonRecord[] = [];
  for (let index = 0, labelled = 0; labelled < count; index++) {
    const scene = syntheticScene({ ...options, index });
    images.push(scene.image);
    const file = `synthetic-${seed}-${String(index).padStart(6, '0')}.png`;
    records.push({ id: index, file_name: file, width: imageSize[0], height: imageSize[1] });
    for (const annotation of scene.annotations) {
      if (annotation.num_keypoints > 0 && ++labelled > count) break;
      // From 1: pycocotools treats id 0 as unmatched.
      annotations.push({ ...annotation, id: annotations.length + 1, image_id: index });
    }
  }
  const skeleton = COCO.edges.map(([a, b]) => [a + 1, b + 1]);
  const json: CocoFile = {
    images: records,
    annotations,
    categories: [{ id: 1, name: 'person', keypoints: COCO.names, skeleton }],
  };
  return {
    ...readCoco(json, { keypointSet: COCO, source: 'synthetic people' }),
    json,
    images,
    readImage: ({ imageId }) => images[imageId]!,
  };
}
