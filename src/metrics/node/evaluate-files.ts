import { knownOptions } from '../../bytes';
import type { KeypointSet } from '../../keypoints';
import type { CocoAccumulator } from '../coco/accumulator';
import { evaluateAccumulator, type CocoEvaluation } from '../coco/evaluate-coco';
import type { CocoOptions } from '../coco/options';
import { readAnnotationHead } from './annotation-head';
import { evaluationSet, type AskedSigmas } from './evaluation-set';
import { readCocoFiles, type CocoFiles } from './read-files';

/** Options of {@link evaluateFiles}. */
export interface EvaluateFilesOptions extends Omit<CocoOptions, 'sigmas'>, Pick<CocoFiles, 'keepImage' | 'onProgress'> {
  /**
   * Sigmas: numbers, those of a keypoint set, or `{ annotatedAgain: FILE }`, from which they are estimated (`estimateSigmas`).
   * @defaultValue those of the known set with the file's keypoint names, otherwise 0.05 each
   */
  readonly sigmas?: AskedSigmas;
}

const KNOWN = ['sigmas', 'keepImage', 'onProgress', 'thresholds', 'recallThresholds', 'areaRanges', 'maxDets', 'categories', 'images', 'matchIdZero', 'useArea', 'rescore', 'nms'] as const; // prettier-ignore

/** @internal The same options, if each exists. @throws TypeError naming the nearest that does. */
export function evaluationOptions(where: string, options: EvaluateFilesOptions): EvaluateFilesOptions {
  return knownOptions(where, options, KNOWN);
}

/** The result of {@link evaluateFiles}. */
export interface FilesEvaluation {
  readonly accumulator: CocoAccumulator;
  readonly evaluation: CocoEvaluation;
  /** Names, flip pairs and limbs of the annotations' category, with the sigmas of the evaluation. */
  readonly keypointSet: KeypointSet;
  /** Where the sigmas come from, one sentence. */
  readonly sigmasFrom: string;
  /** File name of each image, by id. */
  readonly images: ReadonlyMap<number, string>;
}

/**
 * COCO's evaluation of a file of results, for any skeleton: keypoint names and flip pairs are those of the annotations' category.
 *
 * @throws Error of the file system; SyntaxError, TypeError or RangeError naming the file, the record and the field.
 * @example const { evaluation, keypointSet, sigmasFrom } = await evaluateFiles('beetles.json', 'results.json');
 */
export async function evaluateFiles(
  annotations: string,
  results: string,
  options: EvaluateFilesOptions = {},
): Promise<FilesEvaluation> {
  const read = await readEvaluation(annotations, results, options);
  return { ...read, evaluation: evaluateAccumulator(read.accumulator) };
}

/**
 * As {@link evaluateFiles}, without evaluating: for shards.
 *
 * @param annotations path of COCO annotations
 * @param results path of COCO results
 * @throws as {@link evaluateFiles} does.
 * @example const { accumulator } = await readEvaluation('people.json', 'results.json', { keepImage: (id) => id % 3 === 0 });
 */
export async function readEvaluation(
  annotations: string,
  results: string,
  options: EvaluateFilesOptions = {},
): Promise<Omit<FilesEvaluation, 'evaluation'>> {
  const { sigmas, keepImage, onProgress, ...coco } = evaluationOptions('evaluateFiles', options);
  const head = await readAnnotationHead(annotations);
  const set = await evaluationSet(annotations, head, sigmas);
  const files = { annotations, results, ...(keepImage && { keepImage }), ...(onProgress && { onProgress }) };
  const accumulator = await readCocoFiles(files, { ...coco, sigmas: set.keypointSet.sigmas });
  return { accumulator, ...set, images: head.images };
}
