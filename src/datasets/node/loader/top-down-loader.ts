import { hasFields, knownOptions, requireThat } from '../../../bytes';
import { getBackend, tensor4d } from '@tensorflow/tfjs-core';
import { availableParallelism } from 'node:os';
import { codecAt, codecFromJSON, type Codec, type CodecAt, type EncodedBatch, type TargetOf } from '../../../targets';
import { DatasetError } from '../../fields';
import { epochOrder, planSample, type SamplePlan } from '../../plan';
import {
  DATASET_FIELDS,
  batchPlan,
  unreadableSkip,
  type Batch,
  type BatchOptions,
  type EpochBatches,
} from '../../top-down';
import { freeNow } from './free-now';
import type { RenderedBatch } from './messages';
import { workerPool } from './worker-pool';

/** Options of {@link topDownLoader}. */
export interface TopDownLoaderOptions<C extends Codec> extends Omit<BatchOptions, 'inputSize' | 'codec'> {
  /** The codec, which gives the input size and encodes the targets; or a function from the epoch to the codec (`epochScale`, `linearSigma`). */
  readonly codec: CodecAt<C>;
  /**
   * The folder of the images; or a module whose default export `(person) => RgbImage | Promise<RgbImage>` reads them
   * inside the workers.
   */
  readonly images: string | URL;
  /** Threads; the batches do not depend on their number. @defaultValue one less than the number of cores, from 1 to 8 */
  readonly workers?: number;
  /** Batches that are made ahead, which bounds the memory. @defaultValue 2 per worker */
  readonly prefetch?: number;
  /** Milliseconds after which an image counts as unreadable. @defaultValue 60,000 */
  readonly readTimeout?: number;
  /** Ends every loop over the batches; the loop throws its reason. */
  readonly signal?: AbortSignal;
}

/** A batch with its targets, as `fit` takes it. The tensors belong to the receiver. */
export type LoadedBatch<C extends Codec> = Batch & EncodedBatch<TargetOf<C>>;

/** Batches from worker threads, as {@link topDownLoader} makes them. */
export interface TopDownLoader<C extends Codec> {
  /** The batches of an epoch from `firstBatch` on, which resumes a stopped run. */
  readonly epoch: (epoch: number, firstBatch: number) => EpochBatches<LoadedBatch<C>>;
  /** Stops the threads. Idle threads do not keep the process alive. */
  readonly close: () => Promise<void>;
}

/**
 * `topDown` and the codec's encoding in worker threads: decoding, cropping, augmentation and encoding run in parallel to training, with
 * the same order and bits for any number of workers.
 *
 * At most `prefetch` batches exist at a time, so the images need not fit into memory. A person whose image cannot be read
 * is left out of its batch and reported to `onSkip` (by default as a process warning); an epoch without any readable
 * image throws.
 *
 * @throws RangeError for options out of range; TypeError when the codec holds a function of your own; from the loop:
 *   DatasetError when no image of the epoch could be read, Error when a worker fails, the signal's reason.
 * @example
 * const loader = topDownLoader({ persons, codec, images: 'train2017', batchSize: 32, seed: 1, augment, workers: 4 });
 * await fit(network, { epochs: 210, batches: loader.epoch, loss: jointsMse, optimizer: adam(5e-4) });
 * await loader.close();
 */
export function topDownLoader<C extends Codec>(options: TopDownLoaderOptions<C>): TopDownLoader<C> {
  requireThat(hasFields(options), 'topDownLoader', 'options must be { persons, images, codec }', options);
  knownOptions<TopDownLoaderOptions<C> & Partial<Record<(typeof DATASET_FIELDS)[number], unknown>>>('topDownLoader', options, [...DATASET_FIELDS, 'persons', 'codec', 'batchSize', 'seed', 'normalization', 'augment', 'crop', 'onSkip', 'images', 'workers', 'prefetch', 'readTimeout', 'signal']); // prettier-ignore
  const { codec, images, workers = defaultWorkers(), prefetch = 2 * workers } = options;
  requireThat(typeof images === 'string' || images instanceof URL, 'topDownLoader', "images must be a folder's path, or the URL of a module that reads them", images); // prettier-ignore
  requireThat(typeof codec === 'function' || hasFields(codec, 'encodeBatch'), 'topDownLoader', 'codec must be a codec, or a function of the epoch that gives one', codec); // prettier-ignore
  const { readTimeout = 60_000, signal, onSkip = warn } = options;
  for (const [name, value] of Object.entries({ workers, prefetch })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new RangeError(`topDownLoader: ${name} must be a positive integer. Received: ${value}.`);
  }
  const codecOf = (epoch: number): C => codecAt(codec, epoch);
  codecFromJSON(codecOf(0).toJSON()); // throws early if the codec cannot be sent to a worker
  const planOf = (epoch: number): ReturnType<typeof batchPlan> =>
    batchPlan('topDownLoader', { ...options, codec: codecOf(epoch) }, epoch);
  const pool = workerPool(workers, {
    images: typeof images === 'string' ? { folder: images } : { module: images.href },
    normalization: planOf(0).normalization,
    readTimeout,
  });
  let runs = 0;

  async function* batches(epoch: number, firstBatch: number): AsyncGenerator<LoadedBatch<C>, void> {
    const { plan, batchSize } = planOf(epoch);
    const codec = codecOf(epoch);
    const json = codec.toJSON();
    const order = epochOrder(plan.persons.length, plan.seed, epoch);
    const run = runs++;
    const ahead: { plans: SamplePlan[]; batch: Promise<RenderedBatch>; pixels: Float32Array }[] = [];
    // Memory of this run only: a thread may still write for a run that was left.
    const free: Float32Array[] = [];
    const length = 3 * batchSize * plan.inputSize[0] * plan.inputSize[1];
    let next = firstBatch;
    const fill = (): void => {
      for (; ahead.length < prefetch && next * batchSize < order.length; next++) {
        const indices = order.subarray(next * batchSize, (next + 1) * batchSize);
        const plans = Array.from(indices, (index) => planSample(index, plan));
        const samples = plans.map(({ person, keypoints, changes, crop: { inverse, inputSize, window } }) => {
          const read = typeof images === 'string' ? { fileName: person.fileName } : person;
          return { person: read, keypoints, changes, crop: { inverse, inputSize, ...(window && { window }) } };
        });
        const pixels = free.pop() ?? new Float32Array(new SharedArrayBuffer(4 * length));
        const batch = pool.render(run, { codec: json, samples, pixels });
        batch.catch(() => undefined); // no one awaits this batch any more
        ahead.push({ plans, batch, pixels });
      }
    };
    const abort = (): void => pool.cancel(run, signal!.reason);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort);
    let read = 0;
    let failure: string | undefined;
    try {
      for (fill(); ahead.length > 0; fill()) {
        const { plans, batch, pixels } = ahead.shift()!;
        const rendered = await batch;
        signal?.throwIfAborted();
        for (const { place, message } of rendered.failed) {
          failure ??= message;
          onSkip(unreadableSkip(plans[place]!.person, new Error(message)));
        }
        read += rendered.kept.length;
        const loaded = rendered.target && batchOf(codec, plans, rendered, pixels);
        free.push(pixels);
        fill(); // before the receiver processes this one
        if (loaded) yield loaded;
        signal?.throwIfAborted();
      }
      if (read === 0 && failure !== undefined) {
        throw new DatasetError(`topDownLoader: some image must be readable. Received: ${failure}`);
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      pool.cancel(run, new Error('topDownLoader: the loop was left.'));
    }
  }
  return {
    epoch: (epoch, firstBatch) => ({ firstBatch, [Symbol.asyncIterator]: () => batches(epoch, firstBatch) }),
    close: () => pool.close(),
  };
}

function batchOf<C extends Codec>(
  codec: C,
  plans: readonly SamplePlan[],
  { kept, target }: RenderedBatch,
  pixels: Float32Array,
): LoadedBatch<C> {
  const chosen = kept.map((place) => plans[place]!);
  const [width, height] = codec.inputSize;
  const encoded = codec.targetTensors(target!) as EncodedBatch<TargetOf<C>>;
  const used = pixels.subarray(0, 3 * kept.length * width * height);
  const copies = getBackend() === 'wasm'; // immediately; the other engines may keep the given array
  if (copies) for (const { values } of [...target!.target, target!.weights]) freeNow(values);
  return {
    images: tensor4d(copies ? used : Float32Array.from(used), [kept.length, height, width, 3]),
    people: chosen.map(({ keypoints }) => keypoints),
    crops: chosen.map(({ crop }) => crop),
    samples: chosen.map(({ person }) => person),
    ...encoded,
  };
}

/** Each worker holds two batches ahead; on a machine with many cores, one worker per core would take gigabytes. */
const defaultWorkers = (): number => Math.min(8, Math.max(1, availableParallelism() - 1));

function warn({ id, detail }: { readonly id: number; readonly detail: string }): void {
  process.emitWarning(`topDownLoader: the image of person ${id} is left out: ${detail}`);
}
