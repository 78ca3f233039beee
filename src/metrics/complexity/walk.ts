import type { LayersModel, layers } from '@tensorflow/tfjs-layers';

/** A weight of a layer: the last part of its name (`kernel`, `bias`, `gamma`, `moving_mean`, …) and its size. */
export interface WeightNode {
  readonly name: string;
  readonly size: number;
  readonly trainable: boolean;
}

/** One use of a layer in a network. Shapes are of one sample, without the batch. */
export interface LayerNode {
  /** The layer's path. */
  readonly name: string;
  /** The layer's class, as it is saved: `Conv2D`, `PoseBlocks>GroupedConv2D`, … */
  readonly kind: string;
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[];
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShape: readonly number[];
  readonly weights: readonly WeightNode[];
  /** Whether an earlier node is another use of the same layer, and so of the same weights. */
  readonly shared: boolean;
}

type Layer = layers.Layer;
type Shape = readonly (number | null)[];
/** What tfjs-layers keeps of one use of a layer. */
interface Use {
  readonly inboundLayers: readonly Layer[];
  readonly inputShapes: readonly Shape[];
  readonly outputShapes: readonly Shape[];
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function sample(shape: Shape, layer: string): number[] {
  const rest = shape.slice(1);
  if (rest.some((length) => length == null)) {
    throw new RangeError(
      `${layer}: counting needs a fixed height and width. Received: [${shape.join(', ')}]. Build the network with a full inputShape.`,
    );
  }
  return rest as number[];
}

function weightsOf(layer: Layer): WeightNode[] {
  const trainable = new Set(layer.trainableWeights);
  return layer.weights.map((weight) => {
    const { originalName, shape } = weight as unknown as { originalName: string; shape: number[] };
    return {
      name: originalName.slice(originalName.lastIndexOf('/') + 1),
      size: product(shape),
      trainable: trainable.has(weight),
    };
  });
}

/**
 * Every use of every layer of a network, inputs first, with what counting needs: shapes, weights and connections. Models used as layers are walked into.
 *
 * @throws RangeError when a shape is not fixed.
 */
export function walk(network: LayersModel): LayerNode[] {
  const used = (network as unknown as { containerNodes: ReadonlySet<string> }).containerNodes;
  return network.layers.flatMap((layer) => {
    if ('layers' in layer) return walk(layer as unknown as LayersModel);
    const uses = (layer.inboundNodes as unknown as Use[]).filter((_, i) => used.has(`${layer.name}_ib-${i}`));
    return uses.map(({ inboundLayers, inputShapes, outputShapes }, i) => ({
      name: layer.name,
      kind: layer.getClassName(),
      inputs: inboundLayers.map(({ name }) => name),
      inputShapes: inputShapes.map((shape) => sample(shape, layer.name)),
      outputShape: sample(outputShapes[0]!, layer.name),
      weights: weightsOf(layer),
      shared: i > 0,
    }));
  });
}
