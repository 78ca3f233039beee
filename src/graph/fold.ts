import { attentionBeforeProjection, flattenSums } from './attention-before-projection';
import { channelPatterns } from './channel-patterns';
import { readers, withoutUnread, type Graph, type Node, type Operation, type OperationOf, type Sides } from './graph';
import { interleaveLast } from './phases';

/** The combination of a node and the node of its first input; null where they cannot be combined. */
type Merge = (node: Node, before: Node) => Operation | null;

const isConvolution = (op: Operation): op is OperationOf<'conv'> | OperationOf<'deconv'> =>
  op.kind === 'conv' || op.kind === 'deconv';

const outside = (a: Sides, b: Sides): Sides => ({
  top: a.top + b.top,
  left: a.left + b.left,
  bottom: a.bottom + b.bottom,
  right: a.right + b.right,
});

/** Zeros before a convolution become its padding. Before a max pooling they do so only where its input is not negative. */
const paddingIntoConvolution: Merge = ({ op }, before) =>
  op.kind === 'conv' && before.op.kind === 'pad' ? { ...op, pads: outside(op.pads, before.op.pads) } : null;

const notNegative = (op: Operation): boolean =>
  'activation' in op && (op.activation === 'relu' || op.activation === 'sigmoid');

/** y · scale + offset after a convolution without activation: scales the kernel's outputs and adjusts the bias. */
const affineIntoConvolution: Merge = ({ op }, { op: before }) => {
  if (op.kind !== 'affine' || !isConvolution(before) || before.activation) return null;
  const { scale, offset } = op;
  const kernel = { shape: before.kernel.shape, data: scaleOutputs(before, scale) };
  const bias = Float32Array.from(offset, (o, f) => o + scale[f]! * (before.bias?.[f] ?? 0));
  return { ...before, kernel, bias, ...(op.activation && { activation: op.activation }) };
};

/** A convolution's kernel ends with its outputs; a transposed one's is [k, k, F/groups, C], whose channel block determines the group. */
function scaleOutputs(op: OperationOf<'conv'> | OperationOf<'deconv'>, scale: Float32Array): Float32Array {
  const { data, shape } = op.kernel;
  const last = shape[3]!;
  if (op.kind === 'conv') return data.map((value, i) => value * scale[i % last]!);
  const perGroup = shape[2]!;
  const inputsPerGroup = last / op.groups;
  return data.map((value, i) => {
    const group = Math.floor((i % last) / inputsPerGroup);
    return value * scale[group * perGroup + (Math.floor(i / last) % perGroup)]!;
  });
}

const takesActivation = (
  op: Operation,
): op is OperationOf<'conv'> | OperationOf<'deconv'> | OperationOf<'affine'> | OperationOf<'add'> =>
  isConvolution(op) || op.kind === 'affine' || op.kind === 'add';

const activationIntoProducer: Merge = ({ op }, { op: before }) =>
  op.kind === 'activation' && takesActivation(before) && !before.activation
    ? { ...before, activation: op.activation }
    : null;

const MERGES: readonly Merge[] = [paddingIntoConvolution, affineIntoConvolution, activationIntoProducer];

/** The padding of a max pooling becomes its own (of −∞) where its input is not negative, which gives the same maxima. */
function paddingIntoPooling(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const nodes = graph.nodes.map((node) => {
    const pad = byName.get(node.inputs[0]!);
    const source = pad && byName.get(pad.inputs[0]!);
    if (node.op.kind !== 'maxPool' || pad?.op.kind !== 'pad' || !source || !notNegative(source.op)) return node;
    return { ...node, inputs: pad.inputs, op: { ...node.op, pads: outside(node.op.pads, pad.op.pads) } };
  });
  return withoutUnread({ ...graph, nodes });
}

/** x · sigmoid(x) as one operation. */
function sigmoidIntoSilu(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const nodes = graph.nodes.map((node): Node => {
    const [a, b] = node.inputs;
    const gate = byName.get(b!);
    const isSilu =
      node.op.kind === 'multiply' &&
      gate?.op.kind === 'activation' &&
      gate.op.activation === 'sigmoid' &&
      gate.inputs[0] === a;
    return isSilu ? { ...node, inputs: [a!], op: { kind: 'activation', activation: 'silu' } } : node;
  });
  return withoutUnread({ ...graph, nodes });
}

/** mask → reshape → softmax → reshape → dot, the form of Global Context in stock layers, as one operation. */
function attentionIntoPool(graph: Graph): Graph {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  /** The node of the first input of `node`, when it has that kind. */
  const before = (node: Node | undefined, kind: Operation['kind'], input = 0): Node | undefined => {
    const found = node && byName.get(node.inputs[input]!);
    return found?.op.kind === kind ? found : undefined;
  };
  const nodes = graph.nodes.map((node): Node => {
    const pool = node.op.kind === 'reshape' && node.shape.length === 3 ? before(node, 'dot') : undefined;
    const values = before(pool, 'reshape');
    const weights = before(pool, 'reshape', 1);
    const softmax = before(weights, 'softmax');
    const mask = before(softmax, 'reshape');
    if (!values || !mask || weights!.shape[1] !== 1) return node;
    return { ...node, inputs: [values.inputs[0]!, mask.inputs[0]!], op: { kind: 'attentionPool' } };
  });
  return withoutUnread({ ...graph, nodes });
}

const isZero = ({ op }: Node): boolean =>
  op.kind === 'affine' && !op.activation && [...op.scale, ...op.offset].every((value) => value === 0);

/** Terms scaled by zero, which keep otherwise unused layers in a network, are removed; a sum of one term is that term. */
function withoutZeroTerms(graph: Graph): Graph {
  const zeros = new Set(graph.nodes.filter(isZero).map(({ name }) => name));
  const instead = new Map<string, string>();
  const follow = (name: string): string => instead.get(name) ?? name;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const terms = node.inputs.filter((input) => !zeros.has(input));
    const inputs = (node.op.kind === 'add' && terms.length > 0 ? terms : node.inputs).map(follow);
    if (node.op.kind === 'add' && inputs.length === 1 && !node.op.activation) instead.set(node.name, inputs[0]!);
    else nodes.push({ ...node, inputs });
  }
  return withoutUnread({ ...graph, nodes, outputs: graph.outputs.map(follow) });
}

/** Merges each node with the previous one where it is its only reader. The merged node keeps the later name, which outputs use. */
function mergePairs(graph: Graph): Graph {
  const read = readers(graph);
  const merged = new Map<string, Node>();
  for (const node of graph.nodes) {
    const before = merged.get(node.inputs[0]!);
    const op = before && node.inputs.length === 1 && read.get(before.name) === 1 ? firstMerge(node, before) : null;
    if (op) merged.delete(before!.name);
    merged.set(node.name, op ? { ...node, inputs: before!.inputs, op } : node);
  }
  return { ...graph, nodes: [...merged.values()] };
}

function firstMerge(node: Node, before: Node): Operation | null {
  for (const merge of MERGES) {
    const op = merge(node, before);
    if (op) return op;
  }
  return null;
}

/**
 * The same function in fewer operations: normalisations folded into convolutions, activations and padding merged with neighbours,
 * Global Context's pooling and SiLU as one operation each, Global Context moved before the projection it follows, sub-pixels interleaved last (depth-to-space).
 *
 * @example const graph = fold(await graphOf(network));
 */
export function fold(graph: Graph): Graph {
  return [
    withoutZeroTerms,
    channelPatterns,
    sigmoidIntoSilu,
    attentionIntoPool,
    mergePairs,
    paddingIntoPooling,
    attentionBeforeProjection,
    flattenSums,
    interleaveLast,
  ].reduce((folded, pass) => pass(folded), graph);
}
