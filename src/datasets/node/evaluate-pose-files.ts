import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, plainText, type CocoResult } from '../../coco';
import { CocoAccumulator, type CocoOptions } from '../../metrics';
import {
  evaluationOptions,
  evaluationSet,
  readEvaluation,
  type EvaluateFilesOptions,
  type FilesEvaluation,
} from '../../metrics/node';
import { writeCoco } from '../coco/write-coco';
import { DatasetError } from '../fields';
import { readPoseFile } from './pose-file';
import { withFile } from './with-file';

/** Options of {@link readEvaluationFiles}. */
export interface ReadEvaluationOptions extends EvaluateFilesOptions {
  /**
   * `images.json` that `predict` writes beside its results: the images of the results, which are then found by their names. Needed where the results do not have
   * the annotations' image ids. @defaultValue the ids are those of the annotations
   */
  readonly resultImages?: string;
}

/** Annotations and results, read. */
export interface ReadEvaluation extends Omit<FilesEvaluation, 'evaluation'> {
  /** MPII's head sizes in pixels, by annotation id; empty for the other formats. */
  readonly headSizes: ReadonlyMap<number, number>;
}

/**
 * Reads annotations of COCO, MPII or Leeds Sports Poses, and COCO results, for `evaluateAccumulator`.
 *
 * @throws Error of the file system; DatasetError, SyntaxError, TypeError or RangeError naming the file, the record and the field.
 * @example
 * const { accumulator } = await readEvaluationFiles('joints.mat', 'predictions/results.json', { resultImages: 'predictions/images.json' });
 * evaluateAccumulator(accumulator).summary.AP
 */
export async function readEvaluationFiles(
  annotations: string,
  results: string,
  options: ReadEvaluationOptions = {},
): Promise<ReadEvaluation> {
  const { resultImages, ...rest } = options;
  const isOther = await isMpiiOrLsp(annotations);
  if (!isOther && resultImages === undefined)
    return { ...(await readEvaluation(annotations, results, rest)), headSizes: new Map() };
  const { sigmas, keepImage = () => true, onProgress, ...coco } = evaluationOptions('readEvaluationFiles', rest);
  const { persons, keypointSet } = await readPoseFile(annotations);
  const whole = writeCoco({ persons, keypointSet });
  const images = new Map(whole.images.map(({ id, file_name: name }) => [id, name]));
  const head = { keypointSet, keypoints: keypointSet.names.length, images };
  const set = await evaluationSet(annotations, head, sigmas);
  const accumulator = new CocoAccumulator({ ...coco, sigmas: set.keypointSet.sigmas } satisfies CocoOptions);
  const isKept = ({ image_id: id }: { readonly image_id: number }): boolean => keepImage(id);
  accumulator.addAnnotations({ images: whole.images.filter(({ id }) => keepImage(id)), annotations: whole.annotations.filter(isKept), categories: whole.categories }, annotations); // prettier-ignore
  const list = await readList(results);
  const named = resultImages === undefined ? list : byName(list, await readImages(resultImages), images, { results, resultImages, annotations }); // prettier-ignore
  accumulator.addResults(named.filter(isKept), results);
  onProgress?.(1, 1);
  const headSizes = new Map(persons.flatMap(({ id, headSize }) => (headSize === undefined ? [] : [[id, headSize]])));
  return { accumulator, ...set, images, headSizes };
}

/** Told by the first bytes, so that a large COCO file is not read twice. */
async function isMpiiOrLsp(path: string): Promise<boolean> {
  const file = await withFile(path, () => open(path));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const text = buffer.toString('latin1', 0, bytesRead).replace(/^ï»¿/, '');
    return text.startsWith('MATLAB') || (/^\s*\[/.test(text) && /"(joints|center)"\s*:/.test(text));
  } finally {
    await file.close();
  }
}

async function readList(path: string): Promise<readonly CocoResult[]> {
  const list = await readJson(path);
  if (!Array.isArray(list))
    throw new DatasetError(`${path}: must be a list of results, [{ image_id, category_id, keypoints, score }, …]. Received: ${describe(list)}.`); // prettier-ignore
  return list as readonly CocoResult[];
}

async function readImages(path: string): Promise<ReadonlyMap<number, string>> {
  const list = ((await readJson(path)) as { readonly images?: unknown } | null)?.images;
  if (!Array.isArray(list))
    throw new DatasetError(`${path}: must hold a list "images" of { id, file_name }, as the images.json of poseblocks predict. Received: none.`); // prettier-ignore
  return new Map((list as { id: number; file_name: string }[]).map(({ id, file_name: name }) => [id, String(name)]));
}

async function readJson(path: string): Promise<unknown> {
  const text = plainText(new Uint8Array(await withFile(path, () => readFile(path))), path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DatasetError(`${path}: must be JSON. Received: ${(error as Error).message}.`, { cause: error });
  }
}

/** The results with the annotations' ids: images with equal names, or with equal last parts of their names. */
function byName(
  list: readonly CocoResult[],
  theirs: ReadonlyMap<number, string>,
  ours: ReadonlyMap<number, string>,
  files: { readonly results: string; readonly resultImages: string; readonly annotations: string },
): CocoResult[] {
  const whole = new Map([...ours].map(([id, name]) => [name, id]));
  const last = new Map<string, number | null>();
  for (const [id, name] of ours) last.set(basename(name), last.has(basename(name)) ? null : id);
  const found = new Map<number, number>();
  for (const [id, name] of theirs) {
    const match = whole.get(name) ?? last.get(basename(name));
    if (match !== undefined && match !== null) found.set(id, match);
  }
  if (found.size === 0)
    throw new DatasetError(`${files.resultImages}: images must be those of ${files.annotations}, by name. Received: none of them; ${[...theirs.values()][0] ?? 'no image'} beside ${[...ours.values()][0] ?? 'no image'}.`); // prettier-ignore
  return list.flatMap((result) => {
    const id = found.get(result.image_id);
    if (id === undefined && !theirs.has(result.image_id))
      throw new DatasetError(`${files.results}: image_id must be one of ${files.resultImages}. Received: ${describe(result.image_id)}.`); // prettier-ignore
    return id === undefined ? [] : [{ ...result, image_id: id }];
  });
}
