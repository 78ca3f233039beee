import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';

type Layer = layers.Layer;
/** Shape without the batch; null for variable sizes. */
export type OpenShape = readonly (number | null)[];

/** A weight of a layer. */
export interface LayerWeight {
  /** The last part of its name: `kernel`, `bias`, `gamma`, `moving_mean`, … */
  readonly name: string;
  /** The first part of its name: the layer's path when it was built, which is its key in a checkpoint. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly trainable: boolean;
  /** The variable's value, which belongs to the variable. */
  read(): Tensor;
  write(value: Tensor): void;
}

/** One use of a layer in a network. Shapes are of one sample, without the batch. */
export interface LayerNode {
  /** The layer's path; later uses of the layer are `path#1`, `path#2`, … */
  readonly name: string;
  /** The layer's class name in saved models: `Conv2D`, `PoseBlocks>GroupedConv2D`, … */
  readonly kind: string;
  readonly layer: Layer;
  /** Names of its input tensors. A node's first output has the node's name, the others `name:1`, `name:2`, … */
  readonly inputs: readonly string[];
  readonly inputShapes: readonly OpenShape[];
  readonly outputShapes: readonly OpenShape[];
  readonly weights: readonly LayerWeight[];
  /** Whether an earlier node uses the same layer, and therefore the same weights. */
  readonly shared: boolean;
}

/** The applied layers of a network, in order of computation. */
export interface LayerGraph {
  readonly name: string;
  /** Names of tensors, as in `LayerNode.inputs`. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly LayerNode[];
}

interface Variable {
  readonly originalName: string;
  readonly shape: readonly number[];
  read(): Tensor;
  write(value: Tensor): void;
}

/** The used fields of tfjs-layers' record of one use of a layer. */
interface Use {
  readonly outboundLayer: Layer;
  readonly inboundLayers: readonly Layer[];
  readonly inputTensors: readonly SymbolicTensor[];
  readonly outputTensors: readonly SymbolicTensor[];
}

const sample = (symbol: SymbolicTensor): OpenShape => symbol.shape.slice(1).map((length) => length ?? null);

function weightsOf(layer: Layer): LayerWeight[] {
  const trainable: readonly unknown[] = layer.trainableWeights;
  return (layer.weights as unknown as Variable[]).map((variable) => {
    const { originalName, shape } = variable;
    const cut = originalName.lastIndexOf('/');
    return {
      name: originalName.slice(cut + 1),
      path: originalName.slice(0, cut),
      shape,
      size: shape.reduce((a, b) => a * b, 1),
      trainable: trainable.includes(variable),
      read: () => variable.read(),
      write: (value) => variable.write(value),
    };
  });
}

/** Uses by depth, deepest first; at equal depth in the order of the network's layers. */
function usesOf(network: LayersModel): Use[] {
  // A Sequential model connects its layers on first access.
  if (!network.built) network.build(network.inputs[0]!.shape);
  const place = (use: Use): number => network.layers.indexOf(use.outboundLayer);
  // JavaScript lists keys that are whole numbers in ascending order.
  return Object.values(network.nodesByDepth as unknown as Record<number, Use[]>)
    .reverse()
    .flatMap((uses) => [...uses].sort((a, b) => place(a) - place(b)));
}

/**
 * Lists every use of every layer of a network, inputs first. Counting, conversion and checkpoints use this one traversal. It descends into models used as
 * layers. It reads no weight and loads no tensor library.
 *
 * @example walk(network).nodes.map(({ name, kind }) => `${name}: ${kind}`)
 */
export function walk(network: LayersModel): LayerGraph {
  const nodes: LayerNode[] = [];
  const names = new Map<string, number>();
  const seen = new Set<Layer>();
  const unique = (name: string): string => {
    const uses = names.get(name) ?? 0;
    names.set(name, uses + 1);
    return uses ? `${name}#${uses}` : name;
  };

  /** Traverses a model and maps tensor ids to names; the names of its inputs are given where it is used as a layer. */
  const enter = (model: LayersModel, given: readonly string[] = []): Map<number, string> => {
    const tensors = new Map(given.map((name, i) => [model.inputs[i]!.id, name]));
    for (const { outboundLayer: layer, inboundLayers, inputTensors, outputTensors } of usesOf(model)) {
      if (outputTensors.every((symbol) => tensors.has(symbol.id))) continue;
      const taken = inboundLayers.length ? inputTensors : [];
      const inputs = taken.map((symbol) => tensors.get(symbol.id)!);
      if ('layers' in layer) {
        const named = enter(layer as unknown as LayersModel, inputs);
        const outputs = (layer as unknown as LayersModel).outputs;
        outputTensors.forEach((symbol, i) => tensors.set(symbol.id, named.get(outputs[i]!.id)!));
        continue;
      }
      const name = unique(layer.name);
      outputTensors.forEach((symbol, i) => tensors.set(symbol.id, i ? `${name}:${i}` : name));
      nodes.push({
        name,
        kind: layer.getClassName(),
        layer,
        inputs,
        inputShapes: taken.map(sample),
        outputShapes: outputTensors.map(sample),
        weights: weightsOf(layer),
        shared: seen.has(layer),
      });
      seen.add(layer);
    }
    return tensors;
  };

  const tensors = enter(network);
  const named = (symbols: readonly SymbolicTensor[]): string[] => symbols.map((symbol) => tensors.get(symbol.id)!);
  return { name: network.name, inputs: named(network.inputs), outputs: named(network.outputs), nodes };
}

/**
 * Returns a shape whose sizes must all be known, as counting and conversion need.
 *
 * @param name name of the layer, for the error
 * @throws RangeError when a size is variable.
 * @example fixedShape('conv1', [64, 48, 3]) // [64, 48, 3]; an error for [null, 48, 3]
 */
export function fixedShape(name: string, shape: OpenShape): number[] {
  if (shape.includes(null)) {
    throw new RangeError(
      `${name}: every size but the batch must be fixed. Received: [${shape.map((size) => size ?? '?').join(', ')}]. ` +
        'Build the network with a full inputShape.',
    );
  }
  return shape as number[];
}
