import * as tf from '@tensorflow/tfjs-core';
import { groupedConvolution, poolWindows, resizeMap } from '../blocks';
import { normalizeLayer } from '../engines';
import { groupedConv2dTranspose } from '../heads';
import type { ActivationKind, GraphNode, Operation, OperationOf, Sides } from '../graph';
import { integralCoordinates } from '../postprocess';
import { decodeOnDevice } from './decode';

/** Computes a node from its inputs. Its constants are created once and belong to the compiled network. */
export interface Step {
  readonly run: (inputs: readonly tf.Tensor[]) => tf.Tensor;
  readonly constants: readonly tf.Tensor[];
}

type Explicit = [[number, number], [number, number], [number, number], [number, number]];
const explicit = ({ top, bottom, left, right }: Sides): Explicit => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** Activations that the fused kernels of every engine support; others run after the kernel. */
const FUSED: readonly (ActivationKind | undefined)[] = [undefined, 'relu', 'sigmoid'];

export function activate(x: tf.Tensor, kind: ActivationKind | undefined): tf.Tensor {
  switch (kind) {
    case undefined:
      return x;
    case 'relu':
      return tf.relu(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'tanh':
      return tf.tanh(x);
    case 'softplus':
      return tf.softplus(x);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
  }
}

function convolution(op: OperationOf<'conv'>): Step {
  const { strides, pads, dilation, groups, activation } = op;
  const [height, width, inputs, filters] = op.kernel.shape as [number, number, number, number];
  const bias = tf.tensor1d(op.bias ?? new Float32Array(filters));
  const fused = FUSED.includes(activation) ? (activation ?? 'linear') : 'linear';
  const after = (y: tf.Tensor): tf.Tensor => (fused === 'linear' ? activate(y, activation) : y);
  const common = {
    strides,
    pad: explicit(pads),
    dataFormat: 'NHWC',
    dilations: [dilation, dilation] as [number, number],
    activation: fused as 'linear' | 'relu' | 'sigmoid',
  } as const;
  if (groups === 1) {
    const filter = tf.tensor4d(op.kernel.data, [height, width, inputs, filters]);
    return {
      constants: [filter, bias],
      run: ([x]) => after(tf.fused.conv2d({ x: x as tf.Tensor4D, filter, bias, ...common })),
    };
  }
  if (inputs === 1 && filters % groups === 0) {
    const filter = tf.tensor4d(op.kernel.data, [height, width, groups, filters / groups]);
    // Its type omits explicit padding, which every engine's kernel accepts.
    const pad = common.pad as unknown as number;
    return {
      constants: [filter, bias],
      run: ([x]) => after(tf.fused.depthwiseConv2d({ x: x as tf.Tensor4D, filter, bias, ...common, pad })),
    };
  }
  const filter = tf.tensor4d(op.kernel.data, [height, width, inputs, filters]);
  const even = pads.top === pads.bottom && pads.left === pads.right && pads.top === pads.left;
  const run = ([x]: readonly tf.Tensor[]): tf.Tensor => {
    const padded = even ? x! : tf.pad(x!, explicit(pads));
    const y = groupedConvolution(padded as tf.Tensor4D, filter, groups, {
      strides,
      dilation,
      padding: even ? pads.top : 0,
    });
    return activate(tf.add(y, bias), activation);
  };
  return { constants: [filter, bias], run };
}

function transposed({ kernel, bias, groups, activation }: OperationOf<'deconv'>): Step {
  const filter = tf.tensor4d(kernel.data, kernel.shape as [number, number, number, number]);
  const offset = bias && tf.tensor1d(bias);
  const run = ([x]: readonly tf.Tensor[]): tf.Tensor => {
    const y = groupedConv2dTranspose(x as tf.Tensor4D, filter, groups);
    return activate(offset ? tf.add(y, offset) : y, activation);
  };
  return { constants: offset ? [filter, offset] : [filter], run };
}

/** As a batch normalisation with mean 0 and variance 1, it is one pass on every engine. */
function affine({ scale, offset, activation }: OperationOf<'affine'>): Step {
  const [mean, variance] = [tf.zeros([scale.length]) as tf.Tensor1D, tf.ones([scale.length]) as tf.Tensor1D];
  const [a, b] = [tf.tensor1d(scale), tf.tensor1d(offset)];
  const run = ([x]: readonly tf.Tensor[]): tf.Tensor =>
    activate(
      x!.rank === 4 ? tf.batchNorm(x as tf.Tensor4D, mean, variance, b, a, 0) : tf.add(tf.mul(x!, a), b),
      activation,
    );
  return { constants: [mean, variance, a, b], run };
}

function layerNorm({ gamma, beta, epsilon }: OperationOf<'layerNorm'>): Step {
  const [scale, offset] = [tf.tensor1d(gamma), tf.tensor1d(beta)];
  const run = ([x]: readonly tf.Tensor[]): tf.Tensor => {
    const normalized = normalizeLayer(x!, scale, offset, epsilon);
    if (normalized) return normalized;
    // As tf.moments, but centred once.
    const centered = tf.sub(x!, tf.mean(x!, -1, true));
    const variance = tf.mean(tf.square(centered), -1, true);
    return tf.add(tf.mul(tf.mul(centered, tf.rsqrt(tf.add(variance, epsilon))), scale), offset);
  };
  return { constants: [scale, offset], run };
}

/** Softmax over the pixels of the mask, then one matrix product: [N, H, W, C], [N, H, W, 1] → [N, 1, 1, C]. */
function attentionPool([values, mask]: readonly tf.Tensor[]): tf.Tensor {
  const [batch, height, width, channels] = values!.shape as [number, number, number, number];
  const weights = tf.softmax(tf.reshape(mask!, [batch, height * width]));
  const pooled = tf.matMul(
    tf.reshape(weights, [batch, 1, height * width]),
    tf.reshape(values!, [batch, height * width, channels]),
  );
  return tf.reshape(pooled, [batch, 1, 1, channels]);
}

/** Smaller terms are added first, so that only one broadcast over a map is needed. */
function add(inputs: readonly tf.Tensor[], activation: ActivationKind | undefined): tf.Tensor {
  const bySize = [...inputs].sort((a, b) => a.size - b.size);
  return activate(
    bySize.reduce((sum, x) => tf.add(x, sum)),
    activation,
  );
}

function shuffle(x: tf.Tensor, groups: number): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const split = tf.reshape(x, [batch * height * width, groups, channels / groups]);
  return tf.reshape(tf.transpose(split, [0, 2, 1]), x.shape);
}

type Constant = OperationOf<'conv' | 'deconv' | 'affine' | 'layerNorm'>;

function withoutConstants(op: Exclude<Operation, Constant>, shape: readonly number[]): Step['run'] {
  switch (op.kind) {
    case 'activation':
      return ([x]) => activate(x!, op.activation);
    case 'softmax':
      return ([x]) => tf.softmax(x!);
    case 'reshape':
      return ([x]) => tf.reshape(x!, [x!.shape[0]!, ...shape]);
    case 'dot':
      return ([a, b]) => tf.matMul(a!, b!, true, false);
    case 'attentionPool':
      return attentionPool;
    case 'add':
      return (inputs) => add(inputs, op.activation);
    case 'multiply':
      return ([a, b]) => tf.mul(a!, b!);
    case 'maxPool':
      return ([x]) => tf.maxPool(x as tf.Tensor4D, op.size, op.strides, explicit(op.pads));
    case 'poolWindows':
      return ([x]) => poolWindows(x as tf.Tensor4D, op.rows, op.columns);
    case 'averagePool':
      return ([x]) => tf.avgPool(x as tf.Tensor4D, op.size, op.strides, explicit(op.pads));
    case 'globalAveragePool':
      return ([x]) => tf.mean(x!, [1, 2]);
    case 'pad':
      return ([x]) => tf.pad(x!, explicit(op.pads));
    case 'crop':
      return ([x]) => tf.slice(x!, [0, op.pads.top, op.pads.left, 0], [x!.shape[0]!, ...shape]);
    case 'permute':
      return ([x]) => tf.transpose(x!, [0, ...op.order.map((axis) => axis + 1)]);
    case 'upsample':
      return ([x]) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [shape[0]!, shape[1]!]);
    case 'resize':
      return ([x]) => resizeMap(x as tf.Tensor4D, [shape[0]!, shape[1]!], op.mode);
    case 'integral':
      return ([x]) => integralCoordinates(x as tf.Tensor4D, op);
    case 'interleave':
      return (inputs) => tf.depthToSpace(tf.concat([...inputs], 3) as tf.Tensor4D, 2);
    case 'concat':
      return (inputs) => tf.concat([...inputs], -1);
    case 'channels':
      return ([x]) => tf.slice(x!, [0, 0, 0, op.from], [x!.shape[0]!, shape[0]!, shape[1]!, op.count]);
    case 'decode':
      return ([x]) => decodeOnDevice(x as tf.Tensor4D, op);
    case 'shuffle':
      return ([x]) => shuffle(x!, op.groups);
  }
}

/** A node with its constants on the current engine. */
export function stepOf(node: GraphNode): Step {
  const { op } = node;
  switch (op.kind) {
    case 'conv':
      return convolution(op);
    case 'deconv':
      return transposed(op);
    case 'affine':
      return affine(op);
    case 'layerNorm':
      return layerNorm(op);
    default:
      return { constants: [], run: withoutConstants(op, node.shape) };
  }
}
