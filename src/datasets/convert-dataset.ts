import { convertKeypoints, type Derivation, type KeypointSet } from '../keypoints';
import { DatasetError } from './fields';
import type { PoseDataset } from './person';

/** Keypoints that some sets lack and that lie between two of their keypoints. */
const BETWEEN: Derivation = {
  pelvis: ['left_hip', 'right_hip'],
  thorax: ['left_shoulder', 'right_shoulder'],
};

/**
 * Converts a data set to the keypoints of another set, by name. Keypoints that it lacks are unlabelled and excluded from the loss. Pelvis and thorax are the midpoints
 * of hips and shoulders. People without any remaining keypoint move to `skipped`.
 *
 * @throws DatasetError when the sets share fewer than two names.
 * @example const lsp = convertDataset(await readLspFile('lsp/joints.mat'), MPII);
 */
export function convertDataset(dataset: PoseDataset, to: KeypointSet): PoseDataset {
  const from = dataset.keypointSet;
  if (String(from.names) === String(to.names)) return { ...dataset, keypointSet: to };
  const derive: Record<string, readonly [string, string]> = {};
  for (const [name, pair] of Object.entries(BETWEEN) as [string, [string, string]][]) {
    if (to.names.includes(name) && !from.names.includes(name) && pair.every((each) => from.names.includes(each))) derive[name] = pair; // prettier-ignore
  }
  const shared = to.names.filter((name) => from.names.includes(name));
  if (shared.length < 2) {
    throw new DatasetError(
      `convertDataset: the sets must share keypoints by name. Received: ${from.names.join(', ')} for ${to.names.join(', ')}. Rename those of the annotations.`,
    );
  }
  const persons = dataset.persons.map((person) => ({
    ...person,
    keypoints: convertKeypoints(person.keypoints, from, to, derive),
  }));
  const seen = persons.filter(({ keypoints }) => keypoints.score.some((value) => value > 0));
  const lost = persons.filter((person) => !seen.includes(person)).map(({ id, fileName }) => ({ reason: 'no-keypoints' as const, id, fileName, detail: `none of its keypoints is in ${to.name}.` })); // prettier-ignore
  return { keypointSet: to, persons: seen, skipped: [...dataset.skipped, ...lost] };
}
