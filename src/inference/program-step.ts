import * as tf from '@tensorflow/tfjs-core';
import { packFilter, type Placement, type ProgramOperation, type ProgramPrecision, type Window } from '../engines';
import type { ActivationKind, GraphNode, OperationOf, Weights } from '../graph';

type Constants = Readonly<Record<string, () => tf.Tensor>>;

/** A step; `shape` where it differs from the node's. */
export interface ProgramPart {
  readonly name: string;
  readonly op: ProgramOperation;
  readonly shape?: readonly [number, number, number];
}

/** A node as steps of a program, the last with the node's name, and the makers of their constants by name. */
export interface Translation {
  /** The last has the node's shape; so do the others unless they have a `shape`. */
  readonly steps: readonly ProgramPart[];
  readonly constants: Constants;
}

/** Shapes of values by name, without the batch. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

const isPlain = (activation: ActivationKind | undefined): boolean => activation === undefined || activation === 'relu';
const codeOf = (activation: ActivationKind | undefined): 0 | 1 => (activation === 'relu' ? 1 : 0);
const tensor4d = ({ data }: Weights, shape: readonly number[]): tf.Tensor4D =>
  tf.tensor4d(data, shape as [number, number, number, number]);

const AFTERWARDS = ['sigmoid', 'silu', 'tanh'] as const;
type Afterwards = (typeof AFTERWARDS)[number];
const isAfterwards = (activation: ActivationKind | undefined): activation is Afterwards =>
  (AFTERWARDS as readonly unknown[]).includes(activation);

/** The node as steps; undefined where programs lack such a step. */
export function translate(node: GraphNode, shapes: Shapes, precision: ProgramPrecision): Translation | undefined {
  const { name, op } = node;
  if (op.kind === 'activation' || !('activation' in op) || !isAfterwards(op.activation)) {
    return translateOne(node, shapes, precision);
  }
  const { activation, ...linear } = op;
  const inner = `${name}/linear`;
  const before = translateOne({ ...node, name: inner, op: linear }, shapes, precision);
  return before && { ...before, steps: [...before.steps, { name, op: { kind: 'activation', x: inner, activation } }] };
}

function translateOne(
  { name, inputs, shape, op }: GraphNode,
  shapes: Shapes,
  precision: ProgramPrecision,
): Translation | undefined {
  const [x] = inputs as [string];
  const one = (op: ProgramOperation, constants: Constants = {}): Translation => ({ steps: [{ name, op }], constants });
  if (![shape, ...inputs.map((input) => shapes.get(input)!)].every(({ length }) => length === 3)) return undefined;
  switch (op.kind) {
    case 'conv': {
      const places = { from: shapes.get(x) as Placement['from'], to: shape as Placement['to'], precision };
      return isPlain(op.activation) ? convolution(name, x, op, places) : undefined;
    }
    case 'deconv':
      return isPlain(op.activation) ? transposed(name, x, op) : undefined;
    case 'maxPool': {
      const window = windowOf([op.size, op.size], op.strides, 1, op.pads);
      return one({ kind: 'maxPool', x, window });
    }
    case 'attentionPool':
      return one({ kind: 'attentionPool', x, logits: inputs[1]! });
    case 'layerNorm': {
      const [scale, offset] = [`${name}/scale`, `${name}/offset`];
      return one(
        { kind: 'layerNorm', x, scale, offset, epsilon: op.epsilon },
        { [scale]: () => tf.tensor1d(op.gamma), [offset]: () => tf.tensor1d(op.beta) },
      );
    }
    case 'affine': {
      if (!isPlain(op.activation)) return undefined;
      const [scale, offset] = [`${name}/scale`, `${name}/offset`];
      return one(
        { kind: 'affine', x, scale, offset, activation: codeOf(op.activation) },
        { [scale]: () => tf.tensor1d(op.scale), [offset]: () => tf.tensor1d(op.offset) },
      );
    }
    case 'activation':
      if (isAfterwards(op.activation)) return one({ kind: 'activation', x, activation: op.activation });
      return op.activation === 'relu' ? one({ kind: 'relu', x }) : undefined;
    case 'multiply':
      return multiplication(name, inputs, shape, shapes);
    case 'resize':
      return one({ kind: 'resize', x, ...resizing(shapes.get(x)!, shape, op.mode) });
    case 'add':
      return addition(name, inputs, shape, op, shapes);
    case 'globalAveragePool':
      return one({ kind: 'mean', x });
    case 'concat':
      return one({ kind: 'concat', parts: inputs });
    case 'interleave':
      return one({ kind: 'interleave', parts: inputs });
    case 'upsample':
      return one({ kind: 'upsample', x, size: op.size });
    case 'channels':
      return one({ kind: 'channels', x, from: op.from });
    case 'shuffle':
      return one({ kind: 'shuffle', x, groups: op.groups });
    default:
      return undefined;
  }
}

function windowOf(
  filter: readonly [number, number],
  stride: number,
  dilation: number,
  { top, left }: { readonly top: number; readonly left: number },
): Window {
  return { filter, stride, dilation, pad: [top, left] };
}

function convolution(
  name: string,
  x: string,
  op: OperationOf<'conv'>,
  places: Omit<Placement, 'window'>,
): Translation | undefined {
  const [height, width, inputs, filters] = op.kernel.shape as [number, number, number, number];
  const window = windowOf([height, width], op.strides, op.dilation, op.pads);
  const activation = codeOf(op.activation);
  const [filter, bias] = [`${name}/filter`, `${name}/bias`];
  const offset = (): tf.Tensor => tf.tensor1d(op.bias ?? new Float32Array(filters));
  if (op.groups === 1) {
    const isOne = height * width * op.strides * filters === 1 && activation === 0;
    if (isOne) {
      const constants = { [filter]: (): tf.Tensor => tf.tensor1d(op.kernel.data), [bias]: offset };
      return { steps: [{ name, op: { kind: 'dots', x, filter, bias } }], constants };
    }
    const placement = { window, ...places };
    const packed = (): tf.Tensor => tf.tidy(() => packFilter(tensor4d(op.kernel, op.kernel.shape), placement)!);
    return {
      steps: [{ name, op: { kind: 'conv', x, filter, bias, activation, window } }],
      constants: { [filter]: packed, [bias]: offset },
    };
  }
  if (inputs !== 1 || filters !== op.groups) return grouped(name, x, op, places);
  const taps = (): tf.Tensor => tensor4d(op.kernel, [height, width, filters, 1]);
  return {
    steps: [{ name, op: { kind: 'depthwise', x, filter, bias, activation, window } }],
    constants: { [filter]: taps, [bias]: offset },
  };
}

/** Splits the channels, convolves group by group, and concatenates. */
function grouped(
  name: string,
  x: string,
  op: OperationOf<'conv'>,
  { from, to, precision }: Omit<Placement, 'window'>,
): Translation | undefined {
  const { groups } = op;
  const [height, width, inputs, filters] = op.kernel.shape as [number, number, number, number];
  const outputs = filters / groups;
  if (!Number.isInteger(outputs)) return undefined;
  const places = { from: [from[0], from[1], inputs], to: [to[0], to[1], outputs], precision } as const;
  const parts = Array.from({ length: groups }, (_, g): Translation | undefined => {
    const taken = `${name}/in${g}`;
    const data = new Float32Array(height * width * inputs * outputs);
    for (let row = 0; row < height * width * inputs; row++) {
      const start = row * filters + g * outputs;
      data.set(op.kernel.data.subarray(start, start + outputs), row * outputs);
    }
    const kernel = { data, shape: [height, width, inputs, outputs] };
    const bias = op.bias?.slice(g * outputs, (g + 1) * outputs);
    const part = convolution(`${name}/out${g}`, taken, { ...op, kernel, ...(bias && { bias }), groups: 1 }, places);
    const channels = { name: taken, op: { kind: 'channels', x, from: g * inputs }, shape: places.from } as const;
    return part && { ...part, steps: [channels, ...part.steps.map((step) => ({ shape: places.to, ...step }))] };
  });
  if (parts.some((part) => part === undefined)) return undefined;
  const names = parts.map((_, g) => `${name}/out${g}`);
  return {
    steps: [...parts.flatMap((part) => part!.steps), { name, op: { kind: 'concat', parts: names } }],
    constants: Object.assign({}, ...parts.map((part) => part!.constants)) as Constants,
  };
}

/** Two equal maps, or a map and a row. */
function multiplication(
  name: string,
  inputs: readonly string[],
  shape: readonly number[],
  shapes: Shapes,
): Translation | undefined {
  const sizes = inputs.map((input) => shapes.get(input)!.join());
  const whole = sizes.indexOf(shape.join());
  const [x, by] = whole === 0 ? inputs : [...inputs].reverse();
  const other = sizes[1 - whole];
  if (inputs.length !== 2 || whole < 0 || (other !== shape.join() && other !== [1, 1, shape[2]].join()))
    return undefined;
  return { steps: [{ name, op: { kind: 'multiply', x: x!, by: by! } }], constants: {} };
}

/** The sampling positions of resizing, in each of tfjs' three conventions. */
function resizing(
  from: readonly number[],
  to: readonly number[],
  mode: OperationOf<'resize'>['mode'],
): { scale: [number, number]; offset: number } {
  const scale = [0, 1].map((axis) => {
    const [before, after] = [from[axis]!, to[axis]!];
    return mode === 'alignCorners' && after > 1 ? (before - 1) / (after - 1) : before / after;
  });
  return { scale: scale as [number, number], offset: mode === 'halfPixel' ? 0.5 : 0 };
}

/** The case of one output per group. */
function transposed(name: string, x: string, op: OperationOf<'deconv'>): Translation | undefined {
  const [size, , outputs, inputs] = op.kernel.shape as [number, number, number, number];
  if (outputs !== 1) return undefined;
  const { groups } = op;
  const [filter, bias] = [`${name}/filter`, `${name}/bias`];
  const window = windowOf([size, size], 2, 1, op.crop);
  const activation = codeOf(op.activation);
  return {
    steps: [{ name, op: { kind: 'depthwiseTranspose', x, filter, bias, activation, window } }],
    constants: {
      [filter]: () => tensor4d(op.kernel, [size, size, groups, inputs / groups]),
      [bias]: () => tf.tensor1d(op.bias ?? new Float32Array(groups)),
    },
  };
}

/** Maps of the sum's size and at most one row, two at a time. */
function addition(
  name: string,
  inputs: readonly string[],
  shape: readonly number[],
  { activation }: OperationOf<'add'>,
  shapes: Shapes,
): Translation | undefined {
  const isMap = (input: string): boolean => shapes.get(input)!.join() === shape.join();
  const isRow = (input: string): boolean => !isMap(input) && shapes.get(input)!.join() === [1, 1, shape[2]].join();
  const rows = inputs.filter(isRow);
  const [first, second, ...others] = inputs.filter(isMap);
  if (first === undefined || rows.length > 1 || !isPlain(activation)) return undefined;
  if (!inputs.every((input) => isMap(input) || isRow(input))) return undefined;
  const pairs = [
    { x: first, ...(second !== undefined && { more: second }), ...(rows[0] !== undefined && { row: rows[0] }) },
    ...others.map((more, i) => ({ x: `${name}/sum${i}`, more })),
  ];
  return {
    steps: pairs.map((pair, i) => {
      const isLast = i === pairs.length - 1;
      const op = { kind: 'sum', ...pair, activation: isLast ? codeOf(activation) : 0 } as const;
      return { name: isLast ? name : `${name}/sum${i}`, op };
    }),
    constants: {},
  };
}
