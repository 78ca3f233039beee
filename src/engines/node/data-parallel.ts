import { dispose, tensor } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Optimizer, Variable } from '@tensorflow/tfjs-core';
import { Worker } from 'node:worker_threads';
import type { Hello, Reply, Request, SharedMemory } from './replica';
import { readVariables, shapesOf, totalSize, writeTensors } from './shared-variables';
import { typescriptWorker } from './typescript-worker';

/** Options of {@link dataParallel}. */
export interface DataParallelOptions {
  /** Number of threads, each with an engine. */
  readonly workers: number;
  /** Needed by `step`. */
  readonly optimizer?: Optimizer;
  /** The trained variables, on the main thread's engine. */
  readonly variables: readonly Variable[];
  /** The moving statistics of batch normalisation; after a step, the mean of the workers', unless there is `momentum`. */
  readonly state?: readonly Variable[];
  /**
   * Share of the old value that each variable of `state` keeps in a batch. The statistics are then those of one worker that saw the batches one after another, as
   * when gradients are accumulated. @defaultValue the mean of the workers' statistics
   */
  readonly momentum?: readonly number[];
  /** Data passed to every worker. */
  readonly workerData?: unknown;
}

/** A team of workers for data-parallel training. */
export interface DataParallel<Batch> {
  /**
   * One optimiser step from one batch per worker.
   *
   * @param shares weight of each batch. Default: equal weights.
   * @returns the mean loss.
   */
  step(batches: readonly Batch[], shares?: readonly number[]): Promise<number>;
  /**
   * Mean loss and gradients, without the optimiser's step; at most one batch per worker. The gradients, by the variables' names, belong to the caller.
   *
   * @param shares weight of each batch. Default: equal weights.
   */
  gradients(
    batches: readonly Batch[],
    shares?: readonly number[],
  ): Promise<{ loss: number; gradients: NamedTensorMap }>;
  close(): Promise<void>;
}

/**
 * Trains on several cores: worker threads, each with its own engine and replica, compute the gradients of their part of
 * a batch into shared memory; the optimiser receives the mean. Equal to one worker with the joined batch, except that
 * batch normalisation uses each worker's part separately (as in PyTorch's DistributedDataParallel), and moving statistics are averaged.
 *
 * @param replica the workers' module, which calls {@link serveReplica}. A `.ts` module is loaded through tsx.
 * @throws RangeError where the numbers do not match; Error with a worker's message where it fails.
 *
 * @example
 * const team = await dataParallel(new URL('./replica.js', import.meta.url), { workers: 4, optimizer, variables });
 * for (const batches of epochs) console.log(await team.step(batches));
 * await team.close();
 */
export async function dataParallel<Batch>(replica: URL, options: DataParallelOptions): Promise<DataParallel<Batch>> {
  const { workers: count, variables, state = [] } = options;
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`dataParallel: workers must be an integer of at least 1. Received: ${count}.`);
  }
  const workers = Array.from({ length: count }, () => startWorker(replica, options.workerData));
  const close = async (): Promise<void> => void (await Promise.all(workers.map((worker) => worker.terminate())));
  try {
    const hellos = await Promise.all(workers.map((worker) => nextReply<Hello>(worker)));
    hellos.forEach((hello) => checkReplica(hello, variables, state));
    const parameters = shared(totalSize(variables) + totalSize(state));
    const memories = workers.map((): SharedMemory => {
      return { parameters, gradients: shared(totalSize(variables)), state: shared(totalSize(state)) };
    });
    await Promise.all(workers.map((worker, i) => ask<Batch>(worker, { memory: memories[i]! })));
    const gradients: DataParallel<Batch>['gradients'] = (batches, shares) =>
      gradientsOf(options, workers, memories, batches, shares);
    const step = (batches: readonly Batch[], shares?: readonly number[]): Promise<number> =>
      stepOf(options, gradients, batches, shares);
    return { step, gradients, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startWorker(replica: URL, workerData: unknown): Worker {
  if (!replica.pathname.endsWith('.ts')) return new Worker(replica, { workerData });
  return typescriptWorker(replica, { workerData });
}

async function stepOf<Batch>(
  { workers, optimizer }: DataParallelOptions,
  gradientsOf: DataParallel<Batch>['gradients'],
  batches: readonly Batch[],
  shares: readonly number[] = batches.map(() => 1),
): Promise<number> {
  if (batches.length !== workers || shares.length !== workers) {
    const received = `${batches.length} batches and ${shares.length} shares for ${workers} workers`;
    throw new RangeError(`dataParallel.step: must receive one batch and one share per worker. Received: ${received}.`);
  }
  if (optimizer === undefined)
    throw new TypeError('dataParallel.step: needs the option optimizer. Received: none. gradients() does without.');
  const { loss, gradients } = await gradientsOf(batches, shares);
  optimizer.applyGradients(gradients);
  dispose(gradients);
  return loss;
}

async function gradientsOf<Batch>(
  { variables, state = [], momentum }: DataParallelOptions,
  workers: readonly Worker[],
  memories: readonly SharedMemory[],
  batches: readonly Batch[],
  shares: readonly number[] = batches.map(() => 1),
): Promise<{ loss: number; gradients: NamedTensorMap }> {
  if (batches.length === 0 || batches.length > workers.length || shares.length !== batches.length) {
    const received = `${batches.length} batches and ${shares.length} shares for ${workers.length} workers`;
    throw new RangeError(`dataParallel.gradients: must receive 1 to ${workers.length} batches, and a share for each. Received: ${received}.`); // prettier-ignore
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  const weights = shares.map((share) => share / total);
  const used = memories.slice(0, batches.length);
  const { parameters } = memories[0]!;
  await writeTensors([...variables, ...state], parameters);
  const replies = await Promise.all(batches.map((batch, i) => ask<Batch>(workers[i]!, { batch })));
  const gradients = tensorsOf(variables, weightedSum(used.map((memory) => memory.gradients), weights)); // prettier-ignore
  const states = used.map((memory) => memory.state);
  const before = parameters.subarray(totalSize(variables));
  readVariables(state, momentum === undefined ? weightedSum(states, weights) : inTurn(before, states, state, momentum));
  return {
    loss: replies.reduce((sum, reply, i) => sum + weights[i]! * (reply as { loss: number }).loss, 0),
    gradients,
  };
}

function tensorsOf(variables: readonly Variable[], values: Float32Array): NamedTensorMap {
  let offset = 0;
  const gradients: NamedTensorMap = {};
  for (const { name, shape, size } of variables) {
    gradients[name] = tensor(values.slice(offset, offset + size), shape);
    offset += size;
  }
  return gradients;
}

/** Each worker moved the statistics from s₀ to m·s₀ + (1 − m)·b; in turn, the next moves what the one before left: s ← m·s + (1 − m)·b. */
function inTurn(
  before: Float32Array,
  states: readonly Float32Array[],
  variables: readonly Variable[],
  momentum: readonly number[],
): Float32Array {
  const values = Float64Array.from(before);
  for (const after of states) {
    let at = 0;
    variables.forEach(({ size }, v) => {
      for (const end = at + size; at < end; at++) values[at] = after[at]! + momentum[v]! * (values[at]! - before[at]!);
    });
  }
  return Float32Array.from(values);
}

function weightedSum(rows: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const sum = new Float32Array(rows[0]!.length);
  rows.forEach((row, i) => {
    const weight = weights[i]!;
    for (let k = 0; k < sum.length; k++) sum[k]! += weight * row[k]!;
  });
  return sum;
}

function shared(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

function checkReplica(hello: Hello, variables: readonly Variable[], state: readonly Variable[]): void {
  for (const [what, theirs, ours] of [
    ['variables', hello.variables, shapesOf(variables)],
    ['state', hello.state, shapesOf(state)],
  ] as const) {
    if (theirs === ours) continue;
    throw new RangeError(
      `dataParallel: a replica's ${what} must have the shapes ${ours || '(none)'}. Received: ${theirs || '(none)'}.`,
    );
  }
}

function ask<Batch>(worker: Worker, request: Request<Batch>): Promise<Reply> {
  const reply = nextReply<Reply>(worker);
  worker.postMessage(request);
  return reply;
}

/** The worker's next message; rejects where the worker reports an error, throws or ends. */
function nextReply<T extends Reply>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      action();
    };
    const onMessage = (reply: Reply): void =>
      settle(() =>
        'error' in reply ? reject(new Error(`dataParallel: a worker failed: ${reply.error}`)) : resolve(reply as T),
      );
    const onError = (cause: Error): void =>
      settle(() => reject(new Error(`dataParallel: a worker failed: ${cause.message}`, { cause })));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`dataParallel: a worker ended with code ${code}.`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
