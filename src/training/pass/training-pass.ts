import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { attentionPool, poolsAttention, sumRelu } from '../../engines';
import { hasFields, requireThat } from '../../bytes';
import { requireNetwork, walk, type LayerNode } from '../../graph';
import { attentionAround, type AttentionLayers } from './attention-layers';
import { paddedPoolAt, type PaddedPool } from './padded-pool';
import { isRelu, usesOf, type Uses } from './uses';

type Values = Map<string, Tensor>;

/** Computes some tensors of a network from those before. */
type Step = (values: Values) => void;

interface Plan {
  readonly inputs: readonly string[];
  readonly steps: readonly Step[];
  readonly outputs: readonly string[];
}

const plans = new WeakMap<LayersModel, Plan>();

/**
 * What `network.apply(images, { training: true })` computes, and the same gradients, in less time and memory: on the wasm engine a batch normalisation, or a sum, with the
 * ReLU after it is one pass, as is a max pooling with the zeros around it, and the attention pooling of a Global Context block is one kernel. `fit` trains by it.
 *
 * @param inputs the network's input, [N, H, W, 3] for all networks of this library, or a list for several
 * @returns the output, or a list for several; they belong to the caller
 * @throws TypeError unless `network` is one, or there is not a tensor for each of its inputs; ValueError of tfjs-layers when one has another rank or other channels.
 * @example
 * optimizer.minimize(() => jointsMse(heatmaps, weights, trainingPass(network, images) as tf.Tensor4D));
 */
export function trainingPass(network: LayersModel, inputs: Tensor | Tensor[]): Tensor | Tensor[] {
  requireNetwork('trainingPass', network);
  let plan = plans.get(network);
  if (!plan) plans.set(network, (plan = planOf(network)));
  const given = [inputs].flat();
  requireThat(
    given.length === plan.inputs.length && given.every((value) => hasFields(value, 'dataId', 'shape')),
    'trainingPass',
    `inputs must be ${plan.inputs.length === 1 ? 'a tensor' : `${plan.inputs.length} tensors`}, as the network has inputs`,
    inputs,
  );
  const values: Values = new Map(plan.inputs.map((name, i) => [name, given[i]!]));
  for (const step of plan.steps) step(values);
  const outputs = plan.outputs.map((name) => values.get(name)!);
  return outputs.length === 1 ? outputs[0]! : outputs;
}

/** As `layer.apply` checks; tfjs-layers declares it protected. */
const checkedBy = (layer: layers.Layer): { assertInputCompatibility(x: Tensor | Tensor[]): void } =>
  layer as unknown as { assertInputCompatibility(x: Tensor | Tensor[]): void };

function planOf(network: LayersModel): Plan {
  const graph = walk(network);
  const { inputs, outputs, nodes } = graph;
  const uses = usesOf(graph);

  /** What replaces a node; nothing for those that another's step computes. */
  const replaced = new Map<string, Step[]>();
  for (const node of nodes) {
    if (node.kind === 'Dot') {
      const attention = attentionAround(node, uses);
      if (!attention) continue;
      for (const { name } of attention.nodes) replaced.set(name, []);
      replaced.set(node.name, [attentionStep(attention)]);
    }
    if (node.kind === 'ZeroPadding2D') {
      const pool = paddedPoolAt(node, uses);
      if (!pool) continue;
      replaced.set(node.name, [poolStep(pool)]);
      replaced.set(pool.nodes[1].name, []);
    }
    const relu = reluAfter(node, uses);
    if (relu === undefined) continue;
    replaced.set(node.name, [node.kind === 'Add' ? sumStep(node, relu) : layerStep(node, relu)]);
    replaced.set(relu, []);
  }
  const steps = nodes.flatMap((node) =>
    node.kind === 'InputLayer' ? [] : (replaced.get(node.name) ?? [layerStep(node)]),
  );
  return { inputs, steps, outputs };
}

/** The ReLU that alone reads a normalisation or a sum, whose step then computes it as well. */
function reluAfter({ name, kind }: LayerNode, uses: Uses): string | undefined {
  if (kind !== 'Add' && kind !== 'PoseBlocks>BatchNormalization') return undefined;
  const reader = uses.onlyReader(name);
  return isRelu(reader) ? reader!.name : undefined;
}

/** One layer, with `relu` the ReLU of that name after it. */
function layerStep({ layer, name, inputs }: LayerNode, relu?: string): Step {
  const options = relu === undefined ? { training: true } : { training: true, relu: true };
  return (values) => {
    const read = inputs.map((input) => values.get(input)!);
    const given = read.length === 1 ? read[0]! : read;
    checkedBy(layer).assertInputCompatibility(given);
    const result = [layer.call(given, { ...options })].flat();
    result.forEach((value, i) => values.set(relu ?? (i ? `${name}:${i}` : name), value));
  };
}

const sumStep =
  ({ inputs }: LayerNode, relu: string): Step =>
  (values) =>
    void values.set(relu, sumRelu(inputs.map((input) => values.get(input)!)));

function poolStep({ map, nodes, run }: PaddedPool): Step {
  const byLayers = nodes.map((node) => layerStep(node));
  return (values) => {
    const pooled = run(values.get(map) as Tensor4D);
    if (pooled) values.set(nodes[1].name, pooled);
    else for (const step of byLayers) step(values);
  };
}

function attentionStep({ map, pooled, mask, nodes }: AttentionLayers): Step {
  const [filter, bias] = ['kernel', 'bias'].map((name) => mask.weights.find((weight) => weight.name === name)!);
  const byLayers = nodes.map((node) => layerStep(node));
  return (values) => {
    if (!poolsAttention()) for (const step of byLayers) step(values);
    else values.set(pooled, attentionPool(values.get(map)!, filter!.read(), bias!.read()));
  };
}
