import type { Person, PoseDataset } from './person';
import { lspSplit } from './leeds/lsp-split';

/** People to train on and people to evaluate on; no image has people in both. */
export interface DividedDataset {
  readonly training: PoseDataset;
  readonly heldOut: PoseDataset;
}

/**
 * Holds out every n-th image, or the last where there are fewer than n. It divides by image, so no person is in both parts.
 *
 * @throws RangeError when there are fewer than two images, or `every` is not an integer above 1.
 * @example const { training, heldOut } = holdOut(await readCocoFile('people.json'));
 */
export function holdOut(dataset: PoseDataset, every: number = 10): DividedDataset {
  const ids = [...new Set(dataset.persons.map(({ imageId }) => imageId))];
  if (!(Number.isInteger(every) && every > 1))
    throw new RangeError(`holdOut: every must be a whole number above 1. Received: ${every}.`);
  if (ids.length < 2) throw new RangeError(`holdOut: there must be at least two images. Received: ${ids.length}.`);
  const out = new Set(ids.length < every ? ids.slice(-1) : ids.filter((_, i) => i % every === every - 1));
  const part = (held: boolean): readonly Person[] => dataset.persons.filter(({ imageId }) => out.has(imageId) === held);
  return { training: { ...dataset, persons: part(false) }, heldOut: { ...dataset, persons: part(true), skipped: [] } };
}

/**
 * The usual split of a data set: the first and last thousand images of Leeds Sports Poses; all of the extended set is for training.
 *
 * @throws RangeError for a data set without a usual split.
 * @example const { training, heldOut } = usualSplit(await readLspFile('lsp/joints.mat'));
 */
export function usualSplit(dataset: PoseDataset): DividedDataset {
  const { name } = dataset.keypointSet;
  const numbered = (digits: number): boolean => {
    const pattern = new RegExp(`^im\\d{${digits}}\\.jpg$`);
    return dataset.persons.length > 0 && dataset.persons.every(({ fileName }) => pattern.test(fileName));
  };
  if (name.startsWith('lsp') && numbered(4))
    return { training: lspSplit(dataset, 'train'), heldOut: lspSplit(dataset, 'test') };
  if (name.startsWith('lsp') && numbered(5))
    return { training: dataset, heldOut: { ...dataset, persons: [], skipped: [] } };
  throw new RangeError(
    `usualSplit: the data set must be Leeds Sports Poses, or its extended set, whose images are numbered. Received: ${name}, ${dataset.persons.length} people. MPII and COCO have one file per part: pass the other as validation.`,
  );
}
