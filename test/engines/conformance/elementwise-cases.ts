import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { at, fill, positive, values, type Case, type Values } from './case';

const MAP = [2, 3, 5, 7];
const ROW = [7];

type Unary = readonly [kernel: string, run: (x: Tensor) => Tensor, reference: (x: number) => number];
const UNARY: readonly Unary[] = [
  ['Abs', tf.abs, Math.abs],
  ['ClipByValue', (x) => tf.clipByValue(x, -0.4, 0.6), (x) => Math.min(0.6, Math.max(-0.4, x))],
  ['Elu', tf.elu, (x) => (x > 0 ? x : Math.expm1(x))],
  ['Exp', tf.exp, Math.exp],
  ['Identity', tf.clone, (x) => x],
  ['LeakyRelu', (x) => tf.leakyRelu(x, 0.1), (x) => (x > 0 ? x : 0.1 * x)],
  ['Neg', tf.neg, (x) => -x],
  ['Relu', tf.relu, (x) => Math.max(0, x)],
  ['Relu6', (x) => tf.relu6(tf.mul(x, 8)), (x) => Math.min(6, Math.max(0, 8 * x))],
  ['Sigmoid', tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ['Softplus', tf.softplus, (x) => Math.log1p(Math.exp(x))],
  ['Square', tf.square, (x) => x * x],
  ['Tanh', tf.tanh, Math.tanh],
];
const POSITIVE: readonly Unary[] = [
  ['Log', tf.log, Math.log],
  ['Reciprocal', tf.reciprocal, (x) => 1 / x],
  ['Rsqrt', tf.rsqrt, (x) => 1 / Math.sqrt(x)],
  ['Sqrt', tf.sqrt, Math.sqrt],
];
const STEPPED: readonly Unary[] = [
  ['Cast', (x) => tf.cast(tf.cast(tf.mul(x, 9), 'int32'), 'float32'), (x) => Math.trunc(9 * x)],
  ['Floor', (x) => tf.floor(tf.mul(x, 9)), (x) => Math.floor(9 * x)],
  ['Sign', tf.sign, Math.sign],
  ['Step', (x) => tf.step(x), (x) => (x > 0 ? 1 : 0)],
  ['ZerosLike', tf.zerosLike, () => 0],
];

type Binary = readonly [
  kernel: string,
  run: (a: Tensor, b: Tensor) => Tensor,
  reference: (a: number, b: number) => number,
];
const BINARY: readonly Binary[] = [
  ['Add', tf.add, (a, b) => a + b],
  ['Maximum', tf.maximum, Math.max],
  ['Minimum', tf.minimum, Math.min],
  ['Multiply', tf.mul, (a, b) => a * b],
  ['Pow', tf.pow, Math.pow],
  ['RealDiv', tf.div, (a, b) => a / b],
  ['SquaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2],
  ['Sub', tf.sub, (a, b) => a - b],
];
const number = (truth: boolean): number => (truth ? 1 : 0);
const COMPARISONS: readonly Binary[] = [
  ['Equal', tf.equal, (a, b) => number(a === b)],
  ['Greater', tf.greater, (a, b) => number(a > b)],
  ['GreaterEqual', tf.greaterEqual, (a, b) => number(a >= b)],
  ['Less', tf.less, (a, b) => number(a < b)],
  ['LessEqual', tf.lessEqual, (a, b) => number(a <= b)],
  ['NotEqual', tf.notEqual, (a, b) => number(a !== b)],
  ['LogicalAnd', (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.less(b, 0)), (a, b) => number(a > 0 && b < 0)],
];

function unary([kernel, run, f]: Unary, input: Values, gradients?: false): Case {
  const shared = { kernel, inputs: [input], run, reference: (x: ArrayLike<number>) => Float64Array.from(x, f) };
  return gradients === false ? { ...shared, gradients } : shared;
}

/** Both sides whole, and either side broadcast along the channels. */
function* binary([kernel, run, f]: Binary, input: typeof values, gradients?: false): Generator<Case> {
  for (const [a, b] of [
    [MAP, MAP],
    [MAP, ROW],
    [ROW, MAP],
  ] as const) {
    const reference: Case['reference'] = (x, y) =>
      fill(MAP, (...i) => f(at(x, a, ...i.slice(-a.length)), at(y, b, ...i.slice(-b.length))));
    const shared = { kernel, inputs: [input(a), input(b, 3)], run, reference };
    yield gradients === false ? { ...shared, gradients } : shared;
  }
}

/** Arithmetic, activations and comparisons, element by element. */
export function* elementwiseCases(): Generator<Case> {
  for (const op of UNARY) yield unary(op, values(MAP));
  for (const op of POSITIVE) yield unary(op, positive(MAP));
  for (const op of STEPPED) yield unary(op, values(MAP), false);
  for (const op of BINARY) yield* binary(op, positive);
  for (const op of COMPARISONS) yield* binary(op, values, false);
  yield {
    kernel: 'Prelu',
    inputs: [values(MAP), positive(ROW)],
    run: tf.prelu,
    reference: (x, alpha) => Float64Array.from(x, (value, i) => (value > 0 ? value : value * alpha[i % 7]!)),
  };
  yield {
    kernel: 'Select',
    inputs: [values(MAP), values(MAP, 5)],
    run: (a, b) => tf.where(tf.greater(tf.tensor(values(MAP, 2).data, MAP), 0), a, b),
    reference: (a, b) => Float64Array.from(values(MAP, 2).data, (choice, i) => (choice > 0 ? a[i]! : b[i]!)),
  };
  yield {
    kernel: 'AddN',
    inputs: [values(MAP), values(MAP, 2), values(MAP, 4)],
    run: (...terms) => tf.addN(terms),
    reference: (a, b, c) => Float64Array.from(a, (value, i) => value + b[i]! + c[i]!),
  };
}
