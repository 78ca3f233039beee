import type { LayerGraph, LayerNode } from '../../graph';

/** Who makes and who reads each tensor of a network. */
export interface Uses {
  /** The node whose first output has this name. */
  maker(tensor: string | undefined): LayerNode | undefined;
  /** The node that reads it, where nothing else does: it is no output, and no node reads it a second time. */
  onlyReader(tensor: string | undefined): LayerNode | undefined;
}

export function usesOf({ nodes, outputs }: LayerGraph): Uses {
  const makers = new Map<string | undefined, LayerNode>(nodes.map((node) => [node.name, node]));
  const readers = new Map<string | undefined, LayerNode | 'several'>(outputs.map((name) => [name, 'several']));
  for (const node of nodes) {
    for (const name of node.inputs) readers.set(name, readers.has(name) ? 'several' : node);
  }
  return {
    maker: (tensor) => makers.get(tensor),
    onlyReader: (tensor) => {
      const reader = readers.get(tensor);
      return reader === 'several' ? undefined : reader;
    },
  };
}

/** Whether a node is a ReLU of its own. */
export const isRelu = (node: LayerNode | undefined): boolean =>
  node?.kind === 'Activation' && node.layer.getConfig()['activation'] === 'relu';
