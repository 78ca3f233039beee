import type { Person, PoseDataset } from '../person';

/** Images 1 to 1000 of Leeds Sports Poses are for training, 1001 to 2000 for testing. */
const TRAINING = 1000;
const ALL = 2000;

/**
 * The usual split of Leeds Sports Poses, by the number of the image: `'train'` is 1–1000, `'test'` 1001–2000.
 *
 * Johnson & Everingham, "Clustered Pose and Nonlinear Appearance Models for Human Pose Estimation", BMVC 2010.
 *
 * @param part `'train'` or `'test'`
 * @throws RangeError when a person's number is above 2000: all of the extended set is for training.
 * @example
 * const lsp = await readLspFile('lsp/joints.mat');
 * const [train, test] = [lspSplit(lsp, 'train'), lspSplit(lsp, 'test')]; // 1,000 persons each
 */
export function lspSplit(dataset: PoseDataset, part: 'train' | 'test'): PoseDataset {
  if (part !== 'train' && part !== 'test') {
    throw new RangeError(`lspSplit: part must be 'train' or 'test'. Received: ${String(part)}.`);
  }
  const strange = dataset.persons.find(({ id }) => id >= ALL);
  if (strange !== undefined) {
    throw new RangeError(
      `lspSplit: the dataset must be Leeds Sports Poses, with ${ALL} images. Received: ${strange.fileName}. ` +
        'The extended set has no test part: use all of it.',
    );
  }
  const belongs = ({ id }: Pick<Person, 'id'>): boolean => id < TRAINING === (part === 'train');
  return { ...dataset, persons: dataset.persons.filter(belongs), skipped: dataset.skipped.filter(belongs) };
}
