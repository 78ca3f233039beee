import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { requireThat } from '../../bytes';
import { dataParallel, serveReplica, type DataParallel } from '../../engines/node';
import type { EngineName, EngineOptions } from '../../engines';
import { networkIn } from '../../graph';
import type { PoseModel } from '../../models';
import { layerDraws } from '../fit/layer-draws';
import { trainingPass } from '../pass/training-pass';
import type { TrainingBatch } from '../fit/training-batch';
import { trainableVariables } from '../gradients/gradients';
import type { Loss } from '../losses/loss';
import { packRows, unpack, type Packed } from './packed-tensors';

/** Options of {@link trainingTeam}. */
export interface TrainingTeamOptions {
  /** Number of threads, each with an engine of its own; at most one per core is useful. */
  readonly processes: number;
  /** The threads' module, which calls {@link serveTraining}. A `.ts` module is loaded through tsx. */
  readonly replica: URL;
  /** Data passed to every thread. */
  readonly workerData?: unknown;
}

/** Threads that compute the gradients of a batch together. */
export interface TrainingTeam<Target = unknown> {
  readonly processes: number;
  /** `gradients` of `fit`. */
  readonly gradients: (
    batch: TrainingBatch<Target>,
    pass: number,
  ) => Promise<{ readonly loss: number; readonly gradients: NamedTensorMap }>;
  readonly close: () => Promise<void>;
}

/** What a thread gets. */
interface Part {
  readonly batch: Packed;
  readonly pass: number;
}

/**
 * Data-parallel training on one machine, for `fit`: each of N threads computes the gradients of its part of the batch on an engine of its own.
 *
 * A step equals one of `fit` that accumulates the N parts as batches (`accumulate: N`), to the rounding of float32, in gradients, loss and running statistics: batch
 * normalisation uses each part's own statistics, as PyTorch's DistributedDataParallel does.
 * Parts of different sizes count by their people.
 *
 * @param trained the network, or a pose model with it
 * @throws RangeError when the threads' network differs; Error with a thread's message where it fails.
 * @example
 * const team = await trainingTeam(network, { processes: 2, replica: new URL('./replica.js', import.meta.url) });
 * await fit(network, { epochs: 20, optimizer: adam(1e-3), loss: jointsMse, batches, gradients: team.gradients });
 * await team.close();
 */
export async function trainingTeam<Target>(
  trained: LayersModel | PoseModel,
  { processes, replica, workerData }: TrainingTeamOptions,
): Promise<TrainingTeam<Target>> {
  const network = networkIn('trainingTeam', trained);
  requireThat(replica instanceof URL, 'trainingTeam', 'replica must be the URL of a module that calls serveTraining', replica, "For instance new URL('./replica.js', import.meta.url)."); // prettier-ignore
  const variables = trainableVariables(network);
  const { state, momentum } = restOf(network, variables);
  const team: DataParallel<Part> = await dataParallel<Part>(replica, { workers: processes, variables, state, momentum, workerData }); // prettier-ignore
  return {
    processes,
    async gradients({ images, target, weights }, pass) {
      const ranges = partsOf(images.shape[0], processes);
      const parts = await packRows({ images, target, weights }, ranges);
      const batches = parts.map((batch, i) => ({ batch, pass: pass * processes + i }));
      return team.gradients(batches, ranges.map(([from, to]) => to - from)); // prettier-ignore
    },
    close: () => team.close(),
  };
}

/**
 * Serves one thread of {@link trainingTeam}; call it at the top level of the thread's module.
 *
 * @param create builds the network that is trained, of the same layers in the same order and frozen alike, and its loss. Its weights are replaced.
 * @throws Error outside a worker thread.
 * @example
 * // replica.ts
 * await serveTraining(() => ({ network: lpn('lpn-50'), loss: jointsMse }));
 */
export async function serveTraining<Target, Output>(
  create: (workerData: unknown) => { readonly network: LayersModel; readonly loss: Loss<Target, Output> } | Promise<{ readonly network: LayersModel; readonly loss: Loss<Target, Output> }>, // prettier-ignore
  { engine = 'wasm', ...options }: EngineOptions & { readonly engine?: EngineName } = {},
): Promise<void> {
  const build = async (data: unknown) => {
    const { network, loss } = await create(data);
    const variables = trainableVariables(network);
    const drawFor = layerDraws(network);
    return {
      variables,
      state: restOf(network, variables).state,
      loss: ({ batch, pass }: Part) => {
        const { images, target, weights } = unpack(batch) as { images: Tensor; target: Target; weights: Parameters<Loss<Target, Output>>[1] }; // prettier-ignore
        drawFor(pass);
        return loss(target, weights, trainingPass(network, images) as Output);
      },
    };
  };
  await serveReplica<Part>(engine, build, { threads: 1, ...options });
}

/** The people of each thread: as many each as possible, more in the first; no part is empty. */
function partsOf(people: number, processes: number): [from: number, to: number][] {
  const count = Math.min(people, processes);
  const ends = Array.from({ length: count + 1 }, (_, i) => Math.ceil((i * people) / count));
  return ends.slice(1).map((to, i) => [ends[i]!, to]);
}

/** The weights that the optimiser leaves, with the share that each keeps of its old value in a batch: 1 of those that never move. */
function restOf(network: LayersModel, trained: readonly Variable[]): { state: Variable[]; momentum: number[] } {
  const kept = new Map<string, number>();
  for (const layer of layersOf(network)) {
    const { momentum } = layer.getConfig();
    if (typeof momentum === 'number') for (const { name } of layer.weights) kept.set(name, momentum);
  }
  const isTrained = new Set(trained.map(({ name }) => name));
  const rest = network.weights.filter((weight) => !isTrained.has((weight.read() as Variable).name));
  return {
    state: rest.map((weight) => weight.read() as Variable),
    momentum: rest.map(({ name }) => kept.get(name) ?? 1),
  };
}

function layersOf(network: LayersModel): layers.Layer[] {
  return network.layers.flatMap((layer) => ('layers' in layer ? layersOf(layer as LayersModel) : [layer]));
}
