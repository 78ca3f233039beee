import { COCO, LSP, MPII } from '../keypoints';
import type { CocoOptions } from '../metrics';

/** Arguments that change the evaluation, as they were typed. */
export interface EvalArguments {
  readonly sigmas?: string | undefined;
  readonly 'max-dets'?: string | undefined;
  readonly rescore?: string | undefined;
  readonly nms?: string | undefined;
  readonly 'soft-nms'?: string | undefined;
  readonly 'match-id-zero': boolean;
}

/** The evaluation's options; what they must hold is checked where they are used. */
export function cocoOptions(values: EvalArguments): CocoOptions {
  const { sigmas, rescore, nms, 'max-dets': maxDets, 'soft-nms': softNms } = values;
  if (nms !== undefined && softNms !== undefined) throw new Error('eval: --nms and --soft-nms exclude each other.');
  return {
    matchIdZero: values['match-id-zero'],
    ...(sigmas === undefined ? {} : { sigmas: sigmasOf(sigmas) }),
    ...(maxDets === undefined ? {} : { maxDets: Number(maxDets) }),
    ...(rescore === undefined ? {} : { rescore: { visibleThreshold: Number(rescore) } }),
    ...(nms === undefined ? {} : { nms: { threshold: Number(nms) } }),
    ...(softNms === undefined ? {} : { nms: { threshold: Number(softNms), soft: true } }),
  };
}

/** Which images belong to part I of N: by a hash of the id, so that no machine needs to know them all. */
export function shardOf(text: string): (imageId: number) => boolean {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index >= count) {
    throw new Error(`eval: --shard must be I/N with I from 0 to N-1. Received: ${text}.`);
  }
  return (imageId) => (Math.imul(imageId ^ (imageId / 2 ** 32), 0x9e3779b1) >>> 8) % count === index;
}

function sigmasOf(text: string): readonly number[] {
  const set = [COCO, MPII, LSP].find(({ name }) => name === text);
  if (set) return set.sigmas;
  return text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
}
