import * as tf from '@tensorflow/tfjs-core';
import { input, loadLayersModel, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Block } from 'poseblocks/blocks';
import type { StateTensor } from 'poseblocks/interop';

type Output = SymbolicTensor | readonly SymbolicTensor[];
export type Shape = readonly number[];
/** Any block: of one tensor or of several. */
export type AnyBlock = Block<SymbolicTensor, Output> | Block<readonly SymbolicTensor[], Output>;

const isList = (shape: Shape | readonly Shape[]): shape is readonly Shape[] => Array.isArray(shape[0]);
/** One shape or several, as a list. */
export const shapesOf = (shape: Shape | readonly Shape[]): readonly Shape[] => (isList(shape) ? shape : [shape]);

/** A block, under the name `block`, as a model; of several inputs where `shape` lists several. */
export function networkOf(block: AnyBlock, shape: Shape | readonly Shape[], name = 'block'): LayersModel {
  const make = (each: Shape, at: string): SymbolicTensor => input({ shape: [...each], name: at });
  if (!isList(shape)) {
    const x = make(shape, `${name}.input`);
    return model({ inputs: x, outputs: (block as Block<SymbolicTensor, Output>)(x, name) as SymbolicTensor });
  }
  const xs = shape.map((each, i) => make(each, `${name}.input.${i}`));
  return model({
    inputs: xs,
    outputs: (block as Block<readonly SymbolicTensor[], Output>)(xs, name) as SymbolicTensor,
  });
}

/** NCHW as PyTorch keeps it → NHWC; coordinates and other tensors as they are. */
export const toChannelsLast = ({ shape, data }: StateTensor): tf.Tensor =>
  tf.tidy(() => {
    const x = tf.tensor(data, [...shape]);
    return shape.length === 4 ? tf.transpose(x, [0, 2, 3, 1]) : x;
  });

/** Saves and loads within memory, as a user would through files. */
export async function reload(network: LayersModel): Promise<LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await network.save({
    save: async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return loadLayersModel({ load: async () => saved! });
}

/** All outputs of a network, in order. */
export const outputsOf = (network: LayersModel, x: tf.Tensor | readonly tf.Tensor[], training = false): tf.Tensor[] =>
  [network.apply(x as tf.Tensor, { training })].flat() as tf.Tensor[];

/** The tf.Variable of each weight by its name in the checkpoint, `layer/weight`. */
export const variablesOf = (network: LayersModel): Map<string, tf.Variable> =>
  new Map(
    network.layers.flatMap((layer) =>
      layer.weights.map((weight) => {
        const { originalName, val } = weight as unknown as { originalName: string; val: tf.Variable };
        return [originalName, val] as const;
      }),
    ),
  );

/** Normal numbers from a seed, as a tensor. */
export const noise = (shape: readonly number[], seed = 1): tf.Tensor =>
  tf.randomNormal([...shape], 0, 1, 'float32', seed);
