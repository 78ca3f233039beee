import { readFile } from 'node:fs/promises';
import { plainText, sameNames, type CocoDataset } from '../../coco';
import { AP10K, COCO, CROWDPOSE, keypointSet, LSP, MPII, type KeypointSet } from '../../keypoints';
import { estimateSigmas } from '../coco/estimate-sigmas';
import { knownSetOf } from '../coco/known-set';
import type { AnnotationHead } from './annotation-head';

/** The keypoints that an evaluation is made with. */
export interface EvaluationSet {
  readonly keypointSet: KeypointSet;
  /** Where the sigmas come from, one sentence. */
  readonly sigmasFrom: string;
}

/** The sigmas that were asked for: numbers, those of a set, or a file of the same people annotated again. */
export type AskedSigmas = readonly number[] | KeypointSet | { readonly annotatedAgain: string };

/**
 * Names, flip pairs and limbs from the file's category, and sigmas: the asked ones, those of the set where its keypoints are a known set's, otherwise 0.05 each.
 *
 * @param path of the annotation file, also for the sentence
 * @throws RangeError when the number of sigmas differs, or no person annotated again has one of the keypoints.
 * @example const { keypointSet, sigmasFrom } = await evaluationSet('people.json', await readAnnotationHead('people.json'));
 */
export async function evaluationSet(
  path: string,
  { keypointSet: named, keypoints }: AnnotationHead,
  asked?: AskedSigmas,
): Promise<EvaluationSet> {
  const known = named && [COCO, MPII, LSP, CROWDPOSE, AP10K].find(({ names }) => sameNames(names, named.names));
  const set = known ?? named ?? (asked !== undefined && 'names' in asked ? asked : setOfCount(keypoints));
  if (asked === undefined) {
    if (set.names.length === COCO.names.length && (named === undefined || known === COCO))
      return { keypointSet: set, sigmasFrom: 'Sigmas: those of COCO.' };
    if (known) return { keypointSet: known, sigmasFrom: `Sigmas: those that poseblocks has for ${known.name}; the data set publishes none or others.` }; // prettier-ignore
    return {
      keypointSet: { ...set, sigmas: set.names.map(() => 0.05) },
      sigmasFrom: `Sigmas: 0.05 for each of ${set.names.length} keypoints, because ${path} has keypoints of its own and no sigmas were given.`,
    };
  }
  if ('annotatedAgain' in asked) return { ...(await estimated(path, set, asked.annotatedAgain)) };
  const sigmas = 'names' in asked ? asked.sigmas : asked;
  // Sets of another size are refused by the records, which name the file and the field.
  if (sigmas.length !== set.names.length && 'names' in asked) return { keypointSet: asked, sigmasFrom: `Sigmas: those of ${asked.name}.` }; // prettier-ignore
  return { keypointSet: { ...set, sigmas }, sigmasFrom: 'names' in asked ? `Sigmas: those of ${asked.name}.` : 'Sigmas: as given.' }; // prettier-ignore
}

/** Keypoints of a file that names none: those of COCO, MPII or LSP by their number, otherwise numbers. */
function setOfCount(count: number): KeypointSet {
  if (count === 0) return COCO;
  return (
    knownSetOf(count) ?? keypointSet({ name: 'numbered', names: Array.from({ length: count }, (_, k) => String(k)) })
  );
}

async function estimated(path: string, set: KeypointSet, again: string): Promise<EvaluationSet> {
  const [first, second] = await Promise.all([path, again].map(readDataset));
  const { sigmas, counts, people } = estimateSigmas(first!, second!);
  const without = set.names.filter((_, k) => !(sigmas[k]! > 0));
  if (without.length > 0)
    throw new RangeError(`${again}: every keypoint must be labelled, at two different places, in somebody of both files. Received: none of ${without.join(', ')}.`); // prettier-ignore
  const fewest = Math.min(...counts);
  const shown = sigmas.map((sigma) => sigma.toFixed(3)).join(', ');
  return {
    keypointSet: { ...set, sigmas },
    sigmasFrom: `Sigmas: estimated from ${people} people annotated twice (each keypoint in ${fewest} or more): ${shown}.`,
  };
}

async function readDataset(path: string): Promise<CocoDataset> {
  return JSON.parse(plainText(new Uint8Array(await readFile(path)), path)) as CocoDataset;
}
