import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Graph, Node, Weights } from './graph';
import { LAYER_CONVERTERS, type LayerConverter, type LayerConverters } from './layer-operations';
import { fixedShape, walk, type LayerNode } from './walk';

type NamedWeights = Readonly<Record<string, Weights>>;

async function readWeights({ weights }: LayerNode): Promise<NamedWeights> {
  const read = await Promise.all(
    // A copy, because an engine may return its own memory.
    weights.map(
      async (weight) =>
        [weight.name, { data: new Float32Array(await weight.read().data()), shape: weight.shape }] as const,
    ),
  );
  return Object.fromEntries(read);
}

/** Options of {@link graphOf}. */
export interface GraphOptions {
  /**
   * Converters for layers without one here, or to replace one: by class name, a function to one operation, or to null where the layer has no effect in
   * inference.
   * @defaultValue none
   */
  readonly converters?: LayerConverters;
}

/**
 * Converts a network to a graph of plain operations, reading its weights once: the result of {@link walk}, layer by layer.
 *
 * @throws RangeError naming a layer without an equivalent in inference, or with sizes that are not fixed.
 * @example
 * const graph = await graphOf(lpn('lpn-50'));
 * const mine = await graphOf(network, { converters: { 'Mine>Scale': ({ weights }) => ({ kind: 'affine', scale: weights.scale.data, offset: zeros }) } });
 */
export async function graphOf(network: LayersModel, { converters = {} }: GraphOptions = {}): Promise<Graph> {
  const { name, inputs, outputs, nodes: uses } = walk(network);
  const nodes: Node[] = [];
  const read = new Map<unknown, NamedWeights>();
  /** The tensor of a name, skipping layers without effect. */
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
    const converter = ownEntry(converters, use.kind) ?? ownEntry(LAYER_CONVERTERS, use.kind);
    if (!converter) {
      throw new RangeError(
        `${use.name}: layers of class ${use.kind} cannot be converted. Convertible are ${Object.keys({ ...LAYER_CONVERTERS, ...converters }).join(', ')}. ` +
          `Replace the layer, or pass a converter: { converters: { '${use.kind}': ({ layer, config, weights, inputShape }) => operation } }.`,
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

const ownEntry = (converters: LayerConverters, kind: string): LayerConverter | undefined =>
  Object.hasOwn(converters, kind) ? converters[kind] : undefined;
