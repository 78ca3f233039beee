import { readers, withoutUnread, type Graph, type Node, type OperationOf, type Weights } from './graph';

/** The four sub-pixels of a doubled map, row by row. */
const PHASES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/**
 * For a transposed convolution with stride 2: the kernel rows for output rows of one parity, and the offset of the input row that each reads:
 * output 2i + r reads input i + d through kernel row k = r − 2d + crop.
 */
function rowsOf(parity: number, size: number, crop: number): { k: number; d: number }[] {
  const rows: { k: number; d: number }[] = [];
  for (let k = 0; k < size; k++) {
    const twice = parity + crop - k;
    if (twice % 2 === 0) rows.push({ k, d: twice / 2 });
  }
  return rows.sort((a, b) => a.d - b.d);
}

/** One sub-pixel of a transposed convolution, as a convolution of the input with the same groups. */
function phase(op: OperationOf<'deconv'>, [r, s]: readonly [number, number]): OperationOf<'conv'> {
  const [size, , outputs, channels] = op.kernel.shape as [number, number, number, number];
  const inputs = channels / op.groups;
  const filters = outputs * op.groups;
  const [rows, columns] = [rowsOf(r, size, op.crop.top), rowsOf(s, size, op.crop.left)];
  const data = new Float32Array(rows.length * columns.length * inputs * filters);
  rows.forEach((row, i) =>
    columns.forEach((column, j) => {
      const from = (row.k * size + column.k) * outputs * channels;
      const to = (i * columns.length + j) * inputs * filters;
      for (let f = 0; f < filters; f++) {
        const first = from + (f % outputs) * channels + Math.floor(f / outputs) * inputs;
        for (let c = 0; c < inputs; c++) data[to + c * filters + f] = op.kernel.data[first + c]!;
      }
    }),
  );
  const kernel: Weights = { data, shape: [rows.length, columns.length, inputs, filters] };
  const first = (list: { d: number }[]): number => -list[0]!.d;
  const last = (list: { d: number }[]): number => list[list.length - 1]!.d;
  const pads = { top: first(rows), left: first(columns), bottom: last(rows), right: last(columns) };
  return {
    kind: 'conv',
    kernel,
    ...(op.bias && { bias: op.bias }),
    strides: 1,
    pads,
    dilation: 1,
    groups: op.groups,
    ...(op.activation && { activation: op.activation }),
  };
}

/** Operations on each pixel separately, which apply equally to a map in four sub-pixel parts. */
const isPixelwise = ({ op, inputs }: Node): boolean => {
  if (inputs.length !== 1) return false;
  if (op.kind === 'conv') return op.kernel.shape[0] === 1 && op.kernel.shape[1] === 1 && op.strides === 1;
  return op.kind === 'affine' || op.kind === 'activation';
};

/** The chain of pixelwise operations that starts at the only reader of `node`. */
function pixelwiseAfter(graph: Graph, node: Node): Node[] {
  const read = readers(graph);
  const chain: Node[] = [];
  for (let at = node; read.get(at.name) === 1;) {
    const next = graph.nodes.find(({ inputs }) => inputs.includes(at.name));
    if (!next || !isPixelwise(next)) break;
    chain.push(next);
    at = next;
  }
  return chain;
}

/**
 * Computes a depthwise doubling, and the pixelwise operations after it, on the four sub-pixels separately, and applies depth-to-space to the last result only: LPN's
 * second transposed convolution has 256 channels, its heatmaps 17. Applied where the last has fewer channels than the first.
 */
export function interleaveLast(graph: Graph): Graph {
  for (const node of graph.nodes) {
    if (node.op.kind !== 'deconv' || node.op.groups !== node.op.kernel.shape[3] || node.op.kernel.shape[2] !== 1)
      continue;
    const chain = pixelwiseAfter(graph, node);
    const last = chain[chain.length - 1];
    if (last && last.shape[2]! < node.shape[2]!)
      return interleaveLast(split(graph, node as Node<OperationOf<'deconv'>>, chain));
  }
  return graph;
}

/** @internal Replaces every transposed convolution with one group by four convolutions and depth-to-space. */
export function splitDoublings(graph: Graph): Graph {
  const isDense = ({ op }: Node): boolean => op.kind === 'deconv' && op.groups === 1;
  const node = graph.nodes.find(isDense) as Node<OperationOf<'deconv'>> | undefined;
  return node ? splitDoublings(split(graph, node, [])) : graph;
}

function split(graph: Graph, node: Node<OperationOf<'deconv'>>, chain: readonly Node[]): Graph {
  const [height, width] = node.shape as [number, number];
  const half = (channels: number): number[] => [height / 2, width / 2, channels];
  const last = chain.at(-1) ?? node;
  const parts = PHASES.flatMap(([r, s]): Node[] => {
    const at = (name: string): string => `${name}.${r}${s}`;
    const first: Node = { ...node, name: at(node.name), shape: half(node.shape[2]!), op: phase(node.op, [r, s]) };
    return [
      first,
      ...chain.map((each) => ({
        ...each,
        name: at(each.name),
        inputs: each.inputs.map(at),
        shape: half(each.shape[2]!),
      })),
    ];
  });
  const whole: Node = {
    name: last.name,
    inputs: PHASES.map(([r, s]) => `${last.name}.${r}${s}`),
    shape: last.shape,
    op: { kind: 'interleave' },
  };
  const nodes = graph.nodes.flatMap((each) => [
    ...(each === node ? parts : []),
    ...(each === last ? [whole] : each === node ? [] : [each]),
  ]);
  return withoutUnread({ ...graph, nodes });
}
