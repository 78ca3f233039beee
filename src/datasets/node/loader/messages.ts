import type { Keypoints } from '../../../keypoints';
import type { TargetArrays } from '../../../targets';
import type { Normalization } from '../../normalization';
import type { Person } from '../../person';
import type { PixelPlan } from '../../render-sample';

/** What a worker is started with. */
export interface WorkerSetup {
  /** A folder, or the address of a module whose default export reads an image. */
  readonly images: { readonly folder: string } | { readonly module: string };
  readonly normalization: Normalization;
  /** Milliseconds after which the reading of an image counts as failed. */
  readonly readTimeout: number;
}

/** What a reader is asked for: the whole person by a module of the user's; ours wants the file only. */
export type Read = Person | Pick<Person, 'fileName'>;

/** One batch to make. Plain data only. */
export interface Job {
  /**
   * Shared memory for the crops `[samples, height, width, 3]`, used again and again. V8 does not count it: what is handed
   * from thread to thread instead makes it mark a small heap every other batch.
   */
  readonly pixels: Float32Array;
  /** What `toJSON` of the codec wrote. */
  readonly codec: { readonly codec: string };
  readonly samples: readonly (PixelPlan & { readonly person: Read; readonly keypoints: Keypoints<'input'> })[];
}

/** A batch but for its pixels, of which the first `kept` crops are written; the arrays are handed over, not copied. */
export interface RenderedBatch {
  /** Places in the job's samples, ascending: those whose image could be read. */
  readonly kept: readonly number[];
  readonly failed: readonly { readonly place: number; readonly message: string }[];
  /** Undefined where nothing was kept. */
  readonly target: TargetArrays | undefined;
}

/** To a worker: a job of a run, or that a run's jobs are no longer wanted. */
export type Request = { readonly run: number; readonly id: number; readonly job: Job } | { readonly cancel: number };

export type Reply = { readonly id: number } & (
  { readonly batch: RenderedBatch } | { readonly error: string } | { readonly cancelled: true }
);
