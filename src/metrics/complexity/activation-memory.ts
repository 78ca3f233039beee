import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fixedShape, walk, type LayerNode } from '../../graph';

/** Memory of the maps between layers, in bytes, for one image. */
export interface ActivationMemory {
  /** Peak bytes when layers run in order and each map is freed after its last use. */
  readonly inference: number;
  /** Bytes of all maps together, which a training step keeps for its gradients. */
  readonly training: number;
}

/** Options of {@link activationMemory}. */
export interface ActivationMemoryOptions {
  /** Batch size. @defaultValue 1 */
  batch?: number;
  /** Bytes per number. @defaultValue 4 */
  bytes?: number;
}

/** Layers whose output shares the memory of their input. */
const ALIASES = new Set(['Reshape', 'Flatten']);
const numbers = ({ kind, name, outputShapes }: LayerNode): number => {
  if (ALIASES.has(kind)) return 0;
  const sizes = outputShapes.map((shape) => fixedShape(name, shape).reduce((a, b) => a * b, 1));
  return sizes.reduce((a, b) => a + b, 0);
};
/** The node that outputs a tensor. */
const nodeOf = (tensor: string): string => tensor.replace(/:\d+$/, '');

/**
 * Memory of the maps of a network, including the input, without weights and workspace.
 *
 * @throws RangeError when batch or bytes are not positive, or the input shape is not fixed.
 * @example activationMemory(network, { batch: 32 }).training / 2 ** 30 // GiB
 */
export function activationMemory(
  network: LayersModel,
  { batch = 1, bytes = 4 }: ActivationMemoryOptions = {},
): ActivationMemory {
  if (!(batch > 0 && bytes > 0)) {
    throw new RangeError(
      `activationMemory: batch and bytes must be positive. Received: batch=${batch}, bytes=${bytes}.`,
    );
  }
  const { nodes, outputs } = walk(network);
  const owner = new Map<string, string>();
  const lastUse = new Map<string, number>();
  nodes.forEach((node, i) => {
    const alias = ALIASES.has(node.kind) ? owner.get(nodeOf(node.inputs[0]!)) : undefined;
    owner.set(node.name, alias ?? node.name);
    for (const name of [node.name, ...node.inputs.map(nodeOf)]) lastUse.set(owner.get(name) ?? name, i);
  });
  for (const name of outputs.map(nodeOf)) lastUse.set(owner.get(name) ?? name, nodes.length);
  const freed = new Map<number, number>();
  const sizes = new Map(nodes.map((node) => [node.name, numbers(node)]));
  for (const [name, at] of lastUse) freed.set(at, (freed.get(at) ?? 0) + (sizes.get(name) ?? 0));
  let [alive, peak, all] = [0, 0, 0];
  nodes.forEach((node, i) => {
    alive += numbers(node);
    all += numbers(node);
    peak = Math.max(peak, alive);
    alive -= freed.get(i) ?? 0;
  });
  return { inference: peak * batch * bytes, training: all * batch * bytes };
}
