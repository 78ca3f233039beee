import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers, LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Graph, Node, Weights } from './graph';
import { LAYER_CONVERTERS, type LayerContext } from './layer-operations';

interface Variable {
  readonly originalName: string;
  readonly shape: readonly number[];
  read(): Tensor;
}

async function weightsOf(layer: layers.Layer): Promise<Record<string, Weights>> {
  const variables = layer.weights as unknown as Variable[];
  const read = await Promise.all(
    variables.map(async (variable) => {
      const name = variable.originalName.slice(variable.originalName.lastIndexOf('/') + 1);
      // A copy: what an engine hands out may be its own memory.
      return [name, { data: new Float32Array(await variable.read().data()), shape: variable.shape }] as const;
    }),
  );
  return Object.fromEntries(read);
}

const fixedShape = (name: string, { shape }: SymbolicTensor): number[] => {
  const rest = shape.slice(1);
  if (rest.some((size) => size === null || size === undefined)) {
    throw new RangeError(
      `${name}: every size but the batch must be fixed. Received: [${shape.map((size) => size ?? '?').join(', ')}].`,
    );
  }
  return rest as number[];
};

/**
 * A network as a graph of plain operations with its weights read once. The one walk over layers that converters share.
 *
 * @throws RangeError that names the layer, for one that has no inference-time equivalent here.
 * @example const graph = await graphOf(lpn('lpn-50'))
 */
export async function graphOf(network: LayersModel): Promise<Graph> {
  const nodes: Node[] = [];
  /** The tensor that a symbolic tensor's layer makes, past layers that do nothing. */
  const producer = new Map<number, string>();
  const nameOf = (tensor: SymbolicTensor): string => producer.get(tensor.id)!;

  for (const layer of network.layers) {
    const output = layer.output;
    if (Array.isArray(output)) {
      throw new RangeError(
        `${layer.name}: a layer must have one output and be applied once. Received: ${output.length} outputs.`,
      );
    }
    if (layer.getClassName() === 'InputLayer') {
      producer.set(output.id, layer.name);
      continue;
    }
    const inputs = [layer.input].flat();
    const converter = LAYER_CONVERTERS[layer.getClassName()];
    if (!converter) {
      throw new RangeError(
        `${layer.name}: layers of class ${layer.getClassName()} cannot be converted. Convertible are ${Object.keys(LAYER_CONVERTERS).join(', ')}.`,
      );
    }
    const context: LayerContext = {
      layer,
      config: layer.getConfig() as Record<string, unknown>,
      weights: await weightsOf(layer),
      inputShape: fixedShape(layer.name, inputs[0]!),
    };
    const op = converter(context);
    if (op) nodes.push({ name: layer.name, inputs: inputs.map(nameOf), shape: fixedShape(layer.name, output), op });
    producer.set(output.id, op ? layer.name : nameOf(inputs[0]!));
  }
  return {
    name: network.name,
    inputs: network.inputs.map((tensor) => ({ name: nameOf(tensor), shape: fixedShape(nameOf(tensor), tensor) })),
    outputs: network.outputs.map(nameOf),
    nodes,
  };
}
