import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CocoOptions } from '../metrics';
import type { AskedSigmas } from '../metrics/node';
import { COCO, LSP, MPII } from '../keypoints';

/** Arguments that change the evaluation, as text. */
export interface EvalArguments {
  readonly sigmas?: string | undefined;
  readonly 'max-dets'?: string | undefined;
  readonly rescore?: string | undefined;
  readonly nms?: string | undefined;
  readonly 'soft-nms'?: string | undefined;
  readonly 'match-id-zero': boolean;
  readonly 'box-areas': boolean;
}

/** The evaluation's options; they are validated where they are used. */
export function cocoOptions(values: EvalArguments): Omit<CocoOptions, 'sigmas'> {
  const { rescore, nms, 'max-dets': maxDets, 'soft-nms': softNms } = values;
  if (nms !== undefined && softNms !== undefined) throw new Error('eval: --nms and --soft-nms cannot be combined.');
  return {
    matchIdZero: values['match-id-zero'],
    useArea: !values['box-areas'],
    ...(maxDets === undefined ? {} : { maxDets: Number(maxDets) }),
    ...(rescore === undefined ? {} : { rescore: { visibleThreshold: Number(rescore) } }),
    ...(nms === undefined ? {} : { nms: { threshold: Number(nms) } }),
    ...(softNms === undefined ? {} : { nms: { threshold: Number(softNms), soft: true } }),
  };
}

/** The name of a set, numbers, or a file with the same people annotated again. */
export function sigmasOf(text: string): AskedSigmas {
  const set = [COCO, MPII, LSP].find(({ name }) => name === text);
  if (set) return set;
  if (/\.json(\.gz)?$/i.test(text)) return { annotatedAgain: text };
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!numbers.every((sigma) => sigma > 0 && sigma < Infinity))
    throw new Error(`eval: --sigmas must be coco, mpii, lsp, positive numbers, or a .json file with the same people annotated again. Received: ${text}.`); // prettier-ignore
  return numbers;
}

/** Which images belong to part I of N: by a hash of the id, so that no machine needs to know them all. */
export function shardOf(text: string): (imageId: number) => boolean {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index >= count) {
    throw new Error(`eval: --shard must be I/N with I from 0 to N-1. Received: ${text}.`);
  }
  return (imageId) => (Math.imul(imageId ^ (imageId / 2 ** 32), 0x9e3779b1) >>> 8) % count === index;
}

/** Requires a file, not a folder. For a folder that `predict` wrote, the error names the file in it. */
export async function mustBeFile(option: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return;
  const inside = join(path, 'results.json');
  const meant = found && (await stat(inside).catch(() => undefined)) ? `Did you mean ${inside}?` : found ? 'Name the file in it.' : 'Check the spelling and the folder.'; // prettier-ignore
  throw new Error(`eval: ${option} must be a COCO JSON file, plain or gzipped. Received: ${path}, ${found ? 'a folder' : 'which does not exist'}. ${meant}`); // prettier-ignore
}

/** A metric with its bound. */
export interface Requirement {
  readonly name: string;
  readonly bound: number;
  readonly isLeast: boolean;
}

/** `AP50=0.8` */
export function requirementOf(text: string, isLeast: boolean): Requirement {
  const [, name = '', value = ''] = /^([A-Za-z0-9-]+)=(.+)$/.exec(text) ?? [];
  if (name === '' || value.trim() === '' || !Number.isFinite(Number(value)))
    throw new Error(`eval: ${isLeast ? '--min' : '--max'} must be NAME=VALUE, such as ${isLeast ? 'AP50=0.8' : 'EPE=4'}. Received: ${text}.`); // prettier-ignore
  return { name, bound: Number(value), isLeast };
}

const COCO_NAMES = ['AP', 'AP50', 'AP75', 'APM', 'APL', 'AR', 'AR50', 'AR75', 'ARM', 'ARL'];
/** The names that each metric adds to COCO's. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  coco: [],
  pck: ['PCK'],
  pckh: ['PCKh'],
  lsp: ['PCK', 'PCK-OC'],
  pdj: ['PDJ'],
  auc: ['AUC'],
  epe: ['EPE'],
  nme: ['NME'],
};

/** Checked before the files are read. The error for a name that the metric does not have names the --metric that has it. */
export function mustBeMeasured({ name, isLeast }: Requirement, metric: string): void {
  const known = [...NAMES[metric]!, ...COCO_NAMES];
  if (known.includes(name)) return;
  const other = Object.keys(NAMES).find((each) => NAMES[each]!.includes(name));
  throw new Error(`eval: ${isLeast ? '--min' : '--max'} must name one of ${known.join(', ')}. Received: ${name}.${other === undefined ? '' : ` --metric ${other} measures it.`}`); // prettier-ignore
}

/** The message of a bound that is violated; undefined if it is not. */
export function missedBound(
  { name, bound, isLeast }: Requirement,
  summary: Readonly<Record<string, number | null>>,
): string | undefined {
  const value = summary[name];
  if (typeof value === 'number' && (isLeast ? value >= bound : value <= bound)) return undefined;
  return `${name} must be at ${isLeast ? 'least' : 'most'} ${bound}. Received: ${value ?? 'none, because no person counts'}.`;
}
