import { hasFields, requireThat } from '../bytes';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/**
 * A block describes a part of a network. Applying it to a symbolic tensor under a name creates its layers.
 * Options come first; the parent names the child.
 *
 * The name is the path of the layers inside the block, and therefore the key of their weights in a checkpoint; `''` is the root.
 * A block applied twice creates two sets of layers: nothing is shared.
 */
export type Block<In = SymbolicTensor, Out = In> = (x: In, name: string) => Out;

/** A function from options to a block, such as {@link lightweightBottleneck}. */
export type BlockFactory<Options> = (options: Options) => Block;

/**
 * The path of a child: `join('layer1', 0)` is `layer1.0`, `join('', 'layer1')` is `layer1`.
 *
 * @param parent its path, empty at the top
 * @example join('layer1', 0) // 'layer1.0'
 */
export function join(parent: string, child: string | number): string {
  return parent === '' ? `${child}` : `${parent}.${child}`;
}

/**
 * Composition with names: each block is applied to the result of the one before, under `${name}.${key}`.
 * A list is named 0, 1, 2 …, like PyTorch's `nn.Sequential`.
 *
 * @throws RangeError when an object has integer-like keys, which JavaScript reorders: use a list.
 * @example chain({ conv1: conv({ filters: 64, kernelSize: 3 }), bn1: batchNorm(), relu1: relu() })
 */
export function chain(blocks: readonly Block[] | Readonly<Record<string, Block>>): Block {
  requireThat(hasFields(blocks), 'chain', 'blocks must be an object of blocks by name, or a list', blocks);
  const entries = Object.entries(blocks);
  for (const [key, block] of entries) requireBlock('chain', block, key);
  if (!Array.isArray(blocks)) {
    const integer = entries.find(([key]) => /^\d+$/.test(key));
    if (integer) {
      throw new RangeError(
        `chain: object keys must not be integers, which JavaScript reorders: pass a list. Received: key "${integer[0]}".`,
      );
    }
  }
  return (x, name) => entries.reduce((y, [key, block]) => block(y, join(name, key)), x);
}

/**
 * Composition without names: every part is applied in order, under the same name.
 *
 * @throws TypeError when there is no part, or a part is no block.
 * @example pipe(resnetStem({ filters: 64 }), chain({ layer1, layer2 }), deconvHead({ keypoints: 17, filters: [256, 256] }))
 */
export function pipe(...parts: readonly Block[]): Block {
  requireThat(parts.length > 0, 'pipe', 'there must be a block', undefined);
  parts.forEach((part, index) => requireBlock('pipe', part, index));
  return (x, name) => parts.reduce((y, part) => part(y, name), x);
}

/** @internal Fails unless it is a block, which is a function. */
export function requireBlock(where: string, block: unknown, place: string | number): void {
  requireThat(
    typeof block === 'function',
    where,
    `${place} must be a block, such as conv(…) or relu() gives`,
    block,
    'Blocks are given one by one to pipe, and by name or in a list to chain.',
  );
}

/**
 * The number of channels of a symbolic tensor: the size of its last axis.
 *
 * @example channels(x) // 64 of a map [N, H, W, 64]
 */
export function channels(x: SymbolicTensor): number {
  return x.shape[x.shape.length - 1]!;
}
