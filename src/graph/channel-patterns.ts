import { withoutUnread, type Graph, type Node, type Operation } from './graph';

/**
 * Stock layers have no slicing of the last axis, so networks split channels by reshapes. This function restores single operations:
 *
 * - reshape [H·W, 2, C/2] → crop → reshape [H, W, C/2] is a slice of channels;
 * - reshape [H·W, g, C/g] → permute → reshape [H, W, C] is a channel shuffle in g groups.
 */
export function channelPatterns(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const before = (node: Node | undefined, kind: Operation['kind']): Node | undefined => {
    const found = node && byName.get(node.inputs[0]!);
    return found?.op.kind === kind ? found : undefined;
  };
  const sizes = new Map([...graph.inputs, ...graph.nodes].map(({ name, shape }) => [name, shape]));
  const samePixels = (a: readonly number[], b: readonly number[]): boolean => a[0] === b[0] && a[1] === b[1];

  const nodes = graph.nodes.map((node): Node => {
    if (node.op.kind !== 'reshape' || node.shape.length !== 3) return node;
    const crop = before(node, 'crop');
    const permute = before(node, 'permute');
    const split = before(crop ?? permute, 'reshape');
    const source = split && sizes.get(split.inputs[0]!);
    if (!split || !source || source.length !== 3 || !samePixels(source, node.shape)) return node;
    const [pixels, groups, each] = split.shape as [number, number, number];
    if (pixels !== source[0]! * source[1]! || groups * each !== source[2]) return node;
    if (crop?.op.kind === 'crop') {
      const { left, top, bottom } = crop.op.pads;
      if (top !== 0 || bottom !== 0) return node;
      return {
        ...node,
        inputs: split.inputs,
        op: { kind: 'channels', from: left * each, count: crop.shape[1]! * each },
      };
    }
    if (permute?.op.kind === 'permute' && permute.op.order.join() === '0,2,1') {
      return { ...node, inputs: split.inputs, op: { kind: 'shuffle', groups } };
    }
    return node;
  });
  return withoutUnread({ ...graph, nodes });
}
