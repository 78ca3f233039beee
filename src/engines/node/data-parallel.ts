import { dispose, tensor } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Optimizer, Variable } from '@tensorflow/tfjs-core';
import { Worker } from 'node:worker_threads';
import type { Hello, Reply, Request, SharedMemory } from './replica';
import { readVariables, shapesOf, totalSize, writeTensors } from './shared-variables';

export interface DataParallelOptions {
  readonly workers: number;
  readonly optimizer: Optimizer;
  /** The trained variables, on the main thread's engine. */
  readonly variables: readonly Variable[];
  /** The moving statistics of batch normalisation; after a step, the mean of the workers'. */
  readonly state?: readonly Variable[];
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
  close(): Promise<void>;
}

/**
 * Trains on several cores: worker threads, each with its own engine and replica, compute the gradients of their part of
 * a batch into shared memory; the optimiser receives the mean. Equal to one worker with the joined batch, except that
 * batch normalisation uses each worker's part separately (as in PyTorch's DistributedDataParallel), and moving statistics are averaged.
 *
 * @param replica the workers' module, which calls {@link serveReplica}.
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
  const workers = Array.from({ length: count }, () => new Worker(replica, { workerData: options.workerData }));
  const close = async (): Promise<void> => void (await Promise.all(workers.map((worker) => worker.terminate())));
  try {
    const hellos = await Promise.all(workers.map((worker) => nextReply<Hello>(worker)));
    hellos.forEach((hello) => checkReplica(hello, variables, state));
    const parameters = shared(totalSize(variables) + totalSize(state));
    const memories = workers.map((): SharedMemory => {
      return { parameters, gradients: shared(totalSize(variables)), state: shared(totalSize(state)) };
    });
    await Promise.all(workers.map((worker, i) => ask<Batch>(worker, { memory: memories[i]! })));
    return { step: (batches, shares) => step(options, workers, memories, batches, shares), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function step<Batch>(
  { optimizer, variables, state = [] }: DataParallelOptions,
  workers: readonly Worker[],
  memories: readonly SharedMemory[],
  batches: readonly Batch[],
  shares: readonly number[] = batches.map(() => 1),
): Promise<number> {
  if (batches.length !== workers.length || shares.length !== workers.length) {
    const received = `${batches.length} batches and ${shares.length} shares for ${workers.length} workers`;
    throw new RangeError(`dataParallel.step: must receive one batch and one share per worker. Received: ${received}.`);
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  const weights = shares.map((share) => share / total);
  await writeTensors([...variables, ...state], memories[0]!.parameters);
  const replies = await Promise.all(workers.map((worker, i) => ask<Batch>(worker, { batch: batches[i]! })));
  applyGradients(
    optimizer,
    variables,
    weightedSum(
      memories.map(({ gradients }) => gradients),
      weights,
    ),
  );
  readVariables(
    state,
    weightedSum(
      memories.map((memory) => memory.state),
      weights,
    ),
  );
  return replies.reduce((sum, reply, i) => sum + weights[i]! * (reply as { loss: number }).loss, 0);
}

function applyGradients(optimizer: Optimizer, variables: readonly Variable[], values: Float32Array): void {
  let offset = 0;
  const gradients: NamedTensorMap = {};
  for (const { name, shape, size } of variables) {
    gradients[name] = tensor(values.slice(offset, offset + size), shape);
    offset += size;
  }
  optimizer.applyGradients(gradients);
  dispose(gradients);
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
