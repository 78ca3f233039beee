import type { Keypoints } from '../../../keypoints';
import type { TargetArrays } from '../../../targets';
import type { Normalization } from '../../normalization';
import type { Person } from '../../person';
import type { PixelPlan } from '../../render-sample';

/** The data that a worker starts with. */
export interface WorkerSetup {
  /** A folder, or the URL of a module whose default export reads an image. */
  readonly images: { readonly folder: string } | { readonly module: string };
  readonly normalization: Normalization;
  /** Milliseconds after which reading an image counts as failed. */
  readonly readTimeout: number;
}

/** The argument of a reader: the whole person for a user's module; the built-in reader needs the file name only. */
export type Read = Person | Pick<Person, 'fileName'>;

/** One batch to make. Plain data only. */
export interface Job {
  /**
   * Shared memory for the crops `[samples, height, width, 3]`, which is reused. V8 does not count it; transferred
   * arrays would make V8 mark a small heap every other batch.
   */
  readonly pixels: Float32Array;
  /** The JSON of the codec. */
  readonly codec: { readonly codec: string };
  readonly samples: readonly (PixelPlan & { readonly person: Read; readonly keypoints: Keypoints<'input'> })[];
}

/** A batch without its pixels, of which the first `kept` crops are written; the arrays are transferred, not copied. */
export interface RenderedBatch {
  /** Indices into the job's samples, ascending: those whose image could be read. */
  readonly kept: readonly number[];
  readonly failed: readonly { readonly place: number; readonly message: string }[];
  /** Undefined where no sample was kept. */
  readonly target: TargetArrays | undefined;
}

/** To a worker: a job of a run, or the cancellation of a run's jobs. */
export type Request = { readonly run: number; readonly id: number; readonly job: Job } | { readonly cancel: number };

export type Reply = { readonly id: number } & (
  { readonly batch: RenderedBatch } | { readonly error: string } | { readonly cancelled: true }
);
