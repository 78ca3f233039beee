import * as tf from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Weights read back from the device: `layer/kernel` → values in tfjs layout. */
export type NamedWeights = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;

/**
 * Every weight of the network by its stable name, including running statistics and frozen weights.
 *
 * tfjs adds a suffix to `weight.name` when a process builds a second model; `originalName` does not change.
 *
 * @throws RangeError when two weights have the same name.
 * @example variablesOf(network).get('layer1.0.conv1/kernel')
 */
export function variablesOf(network: LayersModel): Map<string, Variable> {
  const named = new Map<string, Variable>();
  for (const weight of network.weights) {
    // A field of tfjs' LayerVariable that is missing from its interface.
    const { originalName } = weight as unknown as { originalName: string };
    if (named.has(originalName)) {
      throw new RangeError(`variablesOf: weights must have different names. Received: ${originalName} twice.`);
    }
    named.set(originalName, weight.read() as Variable);
  }
  return named;
}

/**
 * Reads every weight back, once each.
 *
 * @example loadFitting(other, await readWeights(network));
 */
export async function readWeights(network: LayersModel): Promise<NamedWeights> {
  return readTensors(variablesOf(network));
}

/** Reads tensors back. The values are copies, whatever the engine returns. */
export async function readTensors(tensors: Iterable<readonly [string, tf.Tensor]>): Promise<NamedWeights> {
  const read = [...tensors].map(async ([name, tensor]) => {
    const data = Float32Array.from(await tensor.data());
    return [name, { shape: [...tensor.shape], data }] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Copies weights from {@link readWeights} or a checkpoint into a network of the same architecture: all or none.
 *
 * @throws RangeError naming the first weight that is missing or has another shape; nothing is written in that case.
 * @example assignWeights(network, (await readBest(directoryStore('out/lpn-50'))).weights);
 */
export function assignWeights(network: LayersModel, weights: NamedWeights): void {
  assignVariables('assignWeights', variablesOf(network), weights);
}

/** @internal Writes values into variables of the same names: all or none. */
export function assignVariables(name: string, variables: ReadonlyMap<string, Variable>, values: NamedWeights): void {
  for (const [key, { shape }] of variables) {
    const value = values[key];
    if (value?.shape.join() !== shape.join() || value.data.length !== sizeOf(shape)) {
      throw new RangeError(
        `${name}: ${key} must have the shape [${shape}]. ` +
          `Received: ${value === undefined ? 'nothing of that name' : `[${value.shape}], ${value.data.length} values`}. Was it saved from another network?`,
      );
    }
  }
  for (const [key, variable] of variables) {
    const { shape, data } = values[key]!;
    tf.tidy(() => variable.assign(tf.tensor(data, [...shape], 'float32')));
  }
}
