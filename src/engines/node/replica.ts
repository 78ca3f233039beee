import { dispose, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineName, EngineOptions } from '../engine';
import { useEngine } from '../use-engine';
import { readVariables, shapesOf, totalSize, writeTensors } from './shared-variables';

/** A worker's copy of the trained network. */
export interface Replica<Batch> {
  /** The variables that the optimiser changes, in the main thread's order. */
  readonly variables: readonly Variable[];
  /** The variables that the forward pass changes: the moving statistics of batch normalisation. */
  readonly state?: readonly Variable[];
  /** The mean loss of a batch, which arrives as posted (structured clone). */
  loss(batch: Batch): Scalar;
}

/** Memory that a team shares: parameters from the main thread, gradients and states in one row per worker. */
export interface SharedMemory {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly state: Float32Array;
}
export interface Hello {
  readonly variables: string;
  readonly state: string;
}
export type Request<Batch> = { readonly memory: SharedMemory } | { readonly batch: Batch };
export type Reply = Hello | { readonly loss: number } | { readonly ready: true } | { readonly error: string };

/**
 * Serves one worker of {@link dataParallel}; call it at the top level of the worker's module.
 *
 * @param engine the worker's own engine.
 * @param create builds the replica; called once the engine runs.
 * @throws Error outside a worker thread.
 *
 * @example
 * // replica.ts
 * await serveReplica('wasm', () => {
 *   const network = buildNetwork();
 *   const variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
 *   return { variables, loss: ({ images, targets }) => lossOf(network, tf.tensor4d(images, shape), targets) };
 * });
 */
export async function serveReplica<Batch>(
  engine: EngineName,
  create: (workerData: unknown) => Replica<Batch> | Promise<Replica<Batch>>,
  options: EngineOptions = {},
): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('serveReplica: must be called in a worker thread that dataParallel() started.');
  const reply = (message: Reply): void => port.postMessage(message);
  await useEngine(engine, options);
  const replica = await create(workerData);
  const { variables, state = [] } = replica;
  let memory: SharedMemory | null = null;
  port.on('message', (request: Request<Batch>) => {
    if ('memory' in request) {
      memory = request.memory;
      return reply({ ready: true });
    }
    step(replica, memory!, request.batch).then(
      (loss) => reply({ loss }),
      (error: unknown) => reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  reply({ variables: shapesOf(variables), state: shapesOf(state) });
}

async function step<Batch>(replica: Replica<Batch>, memory: SharedMemory, batch: Batch): Promise<number> {
  const { variables, state = [] } = replica;
  const size = totalSize(variables);
  readVariables(variables, memory.parameters.subarray(0, size));
  readVariables(state, memory.parameters.subarray(size));
  const { value, grads } = tidy(() => variableGrads(() => replica.loss(batch), [...variables]));
  const gradients: Tensor[] = variables.map(({ name }) => grads[name]!);
  try {
    await writeTensors(gradients, memory.gradients);
    await writeTensors(state, memory.state);
    return (await value.data())[0]!;
  } finally {
    dispose([value, grads]);
  }
}
