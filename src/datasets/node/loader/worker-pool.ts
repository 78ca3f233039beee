import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { typescriptWorker } from '../../../engines/node';
import type { Job, RenderedBatch, Reply, Request, WorkerSetup } from './messages';

/** Threads that make batches. They start with the first job; idle threads do not keep a process alive. */
export interface WorkerPool {
  /** @returns the batch; rejects when its worker failed, the run was cancelled or the pool closed. */
  render(run: number, job: Job): Promise<RenderedBatch>;
  /** Rejects the unfinished jobs of a run with the reason. */
  cancel(run: number, reason: unknown): void;
  close(): Promise<void>;
}

interface Pending {
  readonly run: number;
  readonly resolve: (batch: RenderedBatch) => void;
  readonly reject: (reason: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

/**
 * File bytes and sharp's pixels are outside V8's heap, and after 64 MiB of them V8 marks the whole heap, which takes a sixth of the
 * time. A small young generation is collected so often that they never accumulate. The user's reader may allocate without this limit.
 */
const OWN_READER = { maxYoungGenerationSizeMb: 1 };

/** Starts the worker beside this module: the built one or, in a checkout, the TypeScript file through tsx. */
function startWorker(workerData: WorkerSetup): Worker {
  const options = { workerData, ...('folder' in workerData.images && { resourceLimits: OWN_READER }) };
  if (!import.meta.url.endsWith('.ts')) {
    // This code may be in the folder's index, in a chunk shared by several folders, or in the command's file.
    const folders = ['./loader', './datasets/node/loader', '../datasets/node/loader'];
    const urls = folders.map((folder) => new URL(`${folder}/loader.worker.js`, import.meta.url));
    return new Worker(urls.find((url) => existsSync(url)) ?? urls[0]!, options);
  }
  return typescriptWorker(new URL('./loader.worker.ts', import.meta.url), options);
}

export function workerPool(count: number, setup: WorkerSetup): WorkerPool {
  const threads: (Thread | undefined)[] = Array.from({ length: count }, () => undefined);
  let closed = false;
  let nextId = 0;

  const thread = (place: number): Thread => {
    const worker = startWorker(setup);
    const pending = new Map<number, Pending>();
    const fail = (error: Error): void => {
      threads[place] = undefined; // the next job starts a new thread
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    };
    worker.on('message', (reply: Reply) => {
      const job = pending.get(reply.id);
      pending.delete(reply.id);
      if (pending.size === 0) worker.unref();
      if (job === undefined || 'cancelled' in reply) return;
      if ('batch' in reply) job.resolve(reply.batch);
      else job.reject(new Error(reply.error));
    });
    worker.on('error', (cause: Error) =>
      fail(new Error(`topDownLoader: a worker failed: ${cause.message}`, { cause })),
    );
    worker.on('exit', (code) => fail(new Error(`topDownLoader: a worker ended with code ${code}.`)));
    return (threads[place] = { worker, pending });
  };

  return {
    render(run, job) {
      if (closed) return Promise.reject(new Error('topDownLoader: must not be used after close().'));
      const waiting = threads.map((one) => one?.pending.size ?? 0);
      const place = waiting.indexOf(Math.min(...waiting));
      const { worker, pending } = threads[place] ?? thread(place);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        pending.set(id, { run, resolve, reject });
        worker.ref();
        worker.postMessage({ run, id, job } satisfies Request);
      });
    },
    cancel(run, reason) {
      for (const one of threads) {
        if (one === undefined) continue;
        let any = false;
        for (const [id, job] of one.pending) {
          if (job.run !== run) continue;
          any = true;
          one.pending.delete(id);
          job.reject(reason);
        }
        if (any) one.worker.postMessage({ cancel: run } satisfies Request);
        if (one.pending.size === 0) one.worker.unref();
      }
    },
    async close() {
      closed = true;
      await Promise.all(threads.map((one) => one?.worker.terminate()));
    },
  };
}
