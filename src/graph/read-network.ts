import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Graph, Node, Weights } from './graph';
import { LAYER_CONVERTERS } from './layer-operations';
import { fixedShape, walk, type LayerNode } from './walk';

type NamedWeights = Readonly<Record<string, Weights>>;

async function readWeights({ weights }: LayerNode): Promise<NamedWeights> {
  const read = await Promise.all(
    // A copy: what an engine hands out may be its own memory.
    weights.map(
      async (weight) =>
        [weight.name, { data: new Float32Array(await weight.read().data()), shape: weight.shape }] as const,
    ),
  );
  return Object.fromEntries(read);
}

/**
 * A network as a graph of plain operations with its weights read once: what {@link walk} finds, layer for layer.
 *
 * @throws RangeError that names the layer, for one that has no inference-time equivalent here, or whose sizes are not fixed.
 * @example const graph = await graphOf(lpn('lpn-50'))
 */
export async function graphOf(network: LayersModel): Promise<Graph> {
  const { name, inputs, outputs, nodes: uses } = walk(network);
  const nodes: Node[] = [];
  const read = new Map<unknown, NamedWeights>();
  /** The tensor that a name stands for, past layers that do nothing. */
  const instead = new Map<string, string>();
  const follow = (tensor: string): string => instead.get(tensor) ?? tensor;
  const sizes = new Map<string, number[]>();

  for (const use of uses) {
    if (use.outputShapes.length !== 1) {
      throw new RangeError(`${use.name}: a layer must have one output. Received: ${use.outputShapes.length} outputs.`);
    }
    const shape = fixedShape(use.name, use.outputShapes[0]!);
    sizes.set(use.name, shape);
    if (use.kind === 'InputLayer') continue;
    const converter = LAYER_CONVERTERS[use.kind];
    if (!converter) {
      throw new RangeError(
        `${use.name}: layers of class ${use.kind} cannot be converted. Convertible are ${Object.keys(LAYER_CONVERTERS).join(', ')}. ` +
          'Replace the layer, or add a converter for it to src/graph/layer-operations.ts.',
      );
    }
    const weights = read.get(use.layer) ?? (await readWeights(use));
    read.set(use.layer, weights);
    const op = converter({
      layer: use.layer,
      config: use.layer.getConfig() as Record<string, unknown>,
      weights,
      inputShape: fixedShape(use.name, use.inputShapes[0]!),
    });
    if (op) nodes.push({ name: use.name, inputs: use.inputs.map(follow), shape, op });
    else instead.set(use.name, follow(use.inputs[0]!));
  }
  return {
    name,
    inputs: inputs.map((input) => ({ name: input, shape: sizes.get(input)! })),
    outputs: outputs.map(follow),
    nodes,
  };
}
