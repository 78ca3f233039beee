import { NO_SIDES, readers, withoutUnread, type Graph, type Node, type OperationOf } from './graph';

type Conv = OperationOf<'conv'>;

/** A 1×1 convolution with one group, stride 1 and no activation: a matrix applied to each pixel. */
const pointwise = (node: Node | undefined): Node<Conv> | null => {
  if (node?.op.kind !== 'conv') return null;
  const { kernel, strides, groups, activation } = node.op;
  const isMatrix = kernel.shape[0] === 1 && kernel.shape[1] === 1 && strides === 1 && groups === 1 && !activation;
  return isMatrix ? (node as Node<Conv>) : null;
};

/** The composition of convolutions `a` and then `b`: the product of their matrices, in double precision. */
export function compose(a: Conv, b: Conv): Conv {
  const [, , inputs, middle] = a.kernel.shape as [number, number, number, number];
  const outputs = b.kernel.shape[3]!;
  const row = new Float64Array(outputs);
  const through = (value: (m: number) => number): Float64Array => {
    row.fill(0);
    for (let m = 0; m < middle; m++) {
      const scale = value(m);
      for (let f = 0; f < outputs; f++) row[f]! += scale * b.kernel.data[m * outputs + f]!;
    }
    return row;
  };
  const data = new Float32Array(inputs * outputs);
  for (let c = 0; c < inputs; c++)
    data.set(
      through((m) => a.kernel.data[c * middle + m]!),
      c * outputs,
    );
  const bias = Float32Array.from(
    through((m) => a.bias?.[m] ?? 0),
    (value, f) => value + (b.bias?.[f] ?? 0),
  );
  return { ...b, kernel: { data, shape: [1, 1, inputs, outputs] }, bias, pads: NO_SIDES };
}

/**
 * Computes Global Context on the output of a projection y = W z + b from z instead. The mask of y is a mask of z, and because the weights of
 * the pixels sum to one, their mean of y is W (their mean of z) + b, which the transform's first matrix absorbs. What remains is one sum,
 * y + t + shortcut. The shortcut adds t first, so that a runtime can add it within the projection.
 */
export function attentionBeforeProjection(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const read = readers(graph);
  const replaced = new Map<string, Node>();
  for (const pool of graph.nodes) {
    if (pool.op.kind !== 'attentionPool') continue;
    const projection = pointwise(byName.get(pool.inputs[0]!));
    const mask = pointwise(byName.get(pool.inputs[1]!));
    const transform = pointwise(graph.nodes.find(({ inputs }) => inputs[0] === pool.name));
    if (!projection || !mask || !transform || mask.inputs[0] !== projection.name || read.get(pool.name) !== 1) continue;
    const [z] = projection.inputs;
    const channels = projection.op.kernel.shape[2]!;
    replaced.set(mask.name, { ...mask, inputs: [z!], op: compose(projection.op, mask.op) });
    replaced.set(pool.name, { ...pool, inputs: [z!, mask.name], shape: [1, 1, channels] });
    replaced.set(transform.name, { ...transform, op: compose(projection.op, transform.op) });
  }
  return flattenSums(withoutUnread({ ...graph, nodes: graph.nodes.map((node) => replaced.get(node.name) ?? node) }));
}

/** (a + b) + c as one sum, where nothing else reads a + b. */
export function flattenSums(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const read = readers(graph);
  const inner = (name: string): readonly string[] => {
    const node = byName.get(name);
    return node?.op.kind === 'add' && !node.op.activation && read.get(name) === 1 ? node.inputs.flatMap(inner) : [name];
  };
  const nodes = graph.nodes.map((node) =>
    node.op.kind === 'add' ? { ...node, inputs: node.inputs.flatMap(inner) } : node,
  );
  return withoutUnread({ ...graph, nodes });
}
