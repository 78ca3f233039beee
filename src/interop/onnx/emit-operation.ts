import type { ActivationKind, GraphNode as Node, Operation, OperationOf, Sides } from '../../graph';
import { permute } from '../torch/torch-layout';
import { decode } from './emit-decode';
import { integral } from './emit-integral';
import { resize, upsample } from './emit-resize';
import type { OnnxGraph } from './onnx-graph';

/** Writes a node with the ONNX names `inputs`, and returns the name of its output. Maps are NCHW in ONNX. */
type Emit<Op extends Operation> = (graph: OnnxGraph, node: Node<Op>, inputs: readonly string[]) => string;

const pads = ({ top, left, bottom, right }: Sides): number[] => [top, left, bottom, right];
const TO_TORCH = [3, 2, 0, 1];

function activate(graph: OnnxGraph, input: string, kind: ActivationKind | undefined, name: string): string {
  switch (kind) {
    case undefined:
      return input;
    case 'silu':
      return graph.node('Mul', [input, graph.node('Sigmoid', [input])], {}, name);
    default:
      return graph.node(
        { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh', softplus: 'Softplus' }[kind],
        [input],
        {},
        name,
      );
  }
}

const output = (name: string, activation: ActivationKind | undefined): string => (activation ? `${name}.linear` : name);

function weighted(
  graph: OnnxGraph,
  { name, op }: Node<OperationOf<'conv'> | OperationOf<'deconv'>>,
  input: string,
): string[] {
  const { data, shape } = op.kernel;
  const kernel = graph.once(data, () =>
    graph.floats(
      `${name}.weight`,
      permute(data, shape, TO_TORCH),
      TO_TORCH.map((axis) => shape[axis]!),
    ),
  );
  const { bias } = op;
  return [input, kernel, ...(bias ? [graph.once(bias, () => graph.floats(`${name}.bias`, bias, [bias.length]))] : [])];
}

const conv: Emit<OperationOf<'conv'>> = (graph, node, [input]) => {
  const { name, op } = node;
  const [height, width] = op.kernel.shape as [number, number];
  const attributes = {
    kernel_shape: [height, width],
    strides: [op.strides, op.strides],
    pads: pads(op.pads),
    dilations: [op.dilation, op.dilation],
    group: op.groups,
  };
  const y = graph.node('Conv', weighted(graph, node, input!), attributes, output(name, op.activation));
  return activate(graph, y, op.activation, name);
};

const deconv: Emit<OperationOf<'deconv'>> = (graph, node, [input]) => {
  const { name, op } = node;
  const size = op.kernel.shape[0]!;
  // The crop at the end may be negative: ONNX then extends the output.
  const grow = (cut: number): number => Math.max(0, -cut);
  const { top, left, bottom, right } = op.crop;
  const attributes = {
    kernel_shape: [size, size],
    strides: [2, 2],
    pads: [top, left, Math.max(0, bottom), Math.max(0, right)],
    output_padding: [grow(bottom), grow(right)],
    group: op.groups,
  };
  const y = graph.node('ConvTranspose', weighted(graph, node, input!), attributes, output(name, op.activation));
  return activate(graph, y, op.activation, name);
};

const affine: Emit<OperationOf<'affine'>> = (graph, { name, op, shape }, [input]) => {
  const count = op.scale.length;
  const size = shape.length === 3 ? [count, 1, 1] : [count];
  const scaled = graph.node('Mul', [input!, graph.floats(`${name}.scale`, op.scale, size)]);
  const y = graph.node(
    'Add',
    [scaled, graph.floats(`${name}.offset`, op.offset, size)],
    {},
    output(name, op.activation),
  );
  return activate(graph, y, op.activation, name);
};

const layerNorm: Emit<OperationOf<'layerNorm'>> = (graph, { name, op, shape }, [input]) => {
  const count = op.gamma.length;
  const onePixel = shape.length === 3 && shape[0] === 1 && shape[1] === 1;
  if (shape.length === 3 && !onePixel) {
    throw new RangeError(
      `${name}: a layer normalisation over the channels of a whole map cannot be exported. Received: shape [${shape.join(', ')}].`,
    );
  }
  const size = onePixel ? [count, 1, 1] : [count];
  const inputs = [input!, graph.floats(`${name}.weight`, op.gamma, size), graph.floats(`${name}.bias`, op.beta, size)];
  return graph.node('LayerNormalization', inputs, { axis: onePixel ? 1 : -1, epsilon: { float: op.epsilon } }, name);
};

const pool =
  (type: 'MaxPool' | 'AveragePool'): Emit<OperationOf<'maxPool'> | OperationOf<'averagePool'>> =>
  (graph, { name, op }, [input]) => {
    const attributes = { kernel_shape: [op.size, op.size], strides: [op.strides, op.strides], pads: pads(op.pads) };
    return graph.node(type, [input!], attributes, name);
  };

const attentionPool: Emit<OperationOf<'attentionPool'>> = (graph, { name, shape }, [values, mask]) => {
  const channels = shape[2]!;
  const scores = graph.node('Reshape', [mask!, graph.ints(0, -1, 1)]);
  const weights = graph.node('Softmax', [scores], { axis: 1 });
  const pixels = graph.node('Reshape', [values!, graph.ints(0, channels, -1)]);
  return graph.node('Reshape', [graph.node('MatMul', [pixels, weights]), graph.ints(0, channels, 1, 1)], {}, name);
};

/** Sums from the last term to the first, so that the output of a convolution is added last, where runtimes fuse it. */
const add: Emit<OperationOf<'add'>> = (graph, { name, op }, inputs) => {
  const [first, ...rest] = inputs;
  const others = rest.reduceRight((sum, input) => graph.node('Add', [input, sum]));
  return activate(graph, graph.node('Add', [first!, others], {}, output(name, op.activation)), op.activation, name);
};

const isMap = (shape: readonly number[]): boolean => shape.length === 3;

/** Keras reshapes with channels last, so maps of more than one pixel are transposed to that layout and back. */
const reshape = (graph: OnnxGraph, node: Node, [input]: readonly string[], inputShape: readonly number[]): string => {
  const { name, shape } = node;
  const single = (map: readonly number[]): boolean => map[0] === 1 && map[1] === 1;
  let from = input!;
  if (isMap(inputShape) && !single(inputShape)) from = graph.node('Transpose', [from], { perm: [0, 2, 3, 1] });
  if (!isMap(shape)) return graph.node('Reshape', [from, graph.ints(0, ...shape)], {}, name);
  if (single(shape)) return graph.node('Reshape', [from, graph.ints(0, shape[2]!, 1, 1)], {}, name);
  return graph.node(
    'Transpose',
    [graph.node('Reshape', [from, graph.ints(0, ...shape)])],
    { perm: [0, 3, 1, 2] },
    name,
  );
};

const shuffle: Emit<OperationOf<'shuffle'>> = (graph, { name, op, shape }, [input]) => {
  const [height, width, channels] = shape as [number, number, number];
  const split = graph.node('Reshape', [input!, graph.ints(0, op.groups, channels / op.groups, height, width)]);
  const turned = graph.node('Transpose', [split], { perm: [0, 2, 1, 3, 4] });
  return graph.node('Reshape', [turned, graph.ints(0, channels, height, width)], {}, name);
};

/** Writes one node as ONNX. */
export function emitOperation(
  graph: OnnxGraph,
  node: Node,
  inputs: readonly string[],
  inputShape: readonly number[],
): string {
  const { op, name, shape } = node;
  switch (op.kind) {
    case 'conv':
      return conv(graph, { ...node, op }, inputs);
    case 'deconv':
      return deconv(graph, { ...node, op }, inputs);
    case 'affine':
      return affine(graph, { ...node, op }, inputs);
    case 'layerNorm':
      return layerNorm(graph, { ...node, op }, inputs);
    case 'activation':
      return activate(graph, inputs[0]!, op.activation, name);
    case 'softmax':
      return graph.node('Softmax', inputs, { axis: -1 }, name);
    case 'reshape':
      return reshape(graph, node, inputs, inputShape);
    case 'dot':
      return graph.node('MatMul', [graph.node('Transpose', [inputs[0]!], { perm: [0, 2, 1] }), inputs[1]!], {}, name);
    case 'attentionPool':
      return attentionPool(graph, { ...node, op }, inputs);
    case 'add':
      return add(graph, { ...node, op }, inputs);
    case 'multiply':
      return graph.node('Mul', inputs, {}, name);
    case 'maxPool':
      return pool('MaxPool')(graph, { ...node, op }, inputs);
    case 'poolWindows': {
      const largest = graph.node('MaxPool', [inputs[0]!], { kernel_shape: [2, 2], strides: [1, 1] });
      const byRow = graph.node('Gather', [largest, graph.ints(...op.rows)], { axis: 2 });
      return graph.node('Gather', [byRow, graph.ints(...op.columns)], { axis: 3 }, name);
    }
    case 'averagePool':
      return pool('AveragePool')(graph, { ...node, op }, inputs);
    case 'globalAveragePool':
      return graph.node('Reshape', [graph.node('GlobalAveragePool', inputs), graph.ints(0, shape[0]!)], {}, name);
    case 'pad': {
      const { top, left, bottom, right } = op.pads;
      return graph.node('Pad', [inputs[0]!, graph.ints(0, 0, top, left, 0, 0, bottom, right)], {}, name);
    }
    case 'crop':
      throw new RangeError(`${name}: a crop that is not part of a transposed convolution cannot be exported.`);
    case 'permute':
      return graph.node('Transpose', inputs, { perm: mapPermutation(op.order) }, name);
    case 'upsample':
      return upsample(graph, { ...node, op }, inputs[0]!);
    case 'resize':
      return resize(graph, { ...node, op }, inputs[0]!, inputShape);
    case 'integral':
      return integral(graph, { ...node, op }, inputs[0]!, inputShape);
    case 'interleave':
      return graph.node(
        'DepthToSpace',
        [graph.node('Concat', inputs, { axis: 1 })],
        { blocksize: 2, mode: 'DCR' },
        name,
      );
    case 'concat':
      return graph.node('Concat', inputs, { axis: isMap(shape) ? 1 : -1 }, name);
    case 'channels': {
      const axis = isMap(shape) ? 1 : -1;
      return graph.node(
        'Slice',
        [inputs[0]!, graph.ints(op.from), graph.ints(op.from + op.count), graph.ints(axis)],
        {},
        name,
      );
    }
    case 'decode':
      return decode(graph, { ...node, op }, inputs[0]!, inputShape);
    case 'shuffle':
      return shuffle(graph, { ...node, op }, inputs);
  }
}

/** Converts a permutation of a map's axes (height, width, channels) to one of ONNX's (batch, channels, height, width). */
function mapPermutation(order: readonly number[]): number[] {
  const place = [2, 3, 1]; // of height, width and channels
  return [0, place[order[2]!]!, place[order[0]!]!, place[order[1]!]!];
}
