import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { batchNorm, matMul } from '../../support/reference-kernels';
import { at, fill, positive, values, type Case, type Numbers } from './case';

const MAP = [2, 5, 4, 6];

interface Reduction {
  readonly kernel: string;
  readonly run: (x: Tensor, axes: number[]) => Tensor;
  readonly reduce: (group: readonly number[]) => number;
  readonly differentiable: boolean;
}
const sum = (group: readonly number[]): number => group.reduce((a, b) => a + b, 0);
const REDUCTIONS: readonly Reduction[] = [
  { kernel: 'Sum', run: tf.sum, reduce: sum, differentiable: true },
  { kernel: 'Mean', run: tf.mean, reduce: (group) => sum(group) / group.length, differentiable: true },
  { kernel: 'Max', run: tf.max, reduce: (group) => Math.max(...group), differentiable: true },
  { kernel: 'Min', run: tf.min, reduce: (group) => Math.min(...group), differentiable: true },
];

/** Groups the elements of an array by their place on the axes that remain. */
function reduceAxes(
  x: Numbers,
  shape: readonly number[],
  axes: readonly number[],
  reduce: Reduction['reduce'],
): number[] {
  const groups = new Map<string, number[]>();
  fill(shape, (...index) => {
    const key = index.filter((_, axis) => !axes.includes(axis)).join();
    const group = groups.get(key) ?? [];
    group.push(at(x, shape, ...index));
    groups.set(key, group);
    return 0;
  });
  return [...groups.values()].map(reduce);
}

function* reductions(): Generator<Case> {
  for (const axes of [[3], [1, 2], [0, 1, 2], [0, 1, 2, 3]]) {
    for (const { kernel, run, reduce, differentiable } of REDUCTIONS) {
      yield {
        kernel,
        inputs: [positive(MAP)],
        run: (x) => run(x, axes),
        reference: (x) => reduceAxes(x, MAP, axes, reduce),
        ...(!differentiable && { gradients: false }),
      };
    }
  }
  for (const axis of [1, 3]) {
    yield {
      kernel: 'ArgMax',
      inputs: [values(MAP)],
      run: (x) => tf.argMax(x, axis),
      reference: (x) => reduceAxes(x, MAP, [axis], (group) => group.indexOf(Math.max(...group))),
      gradients: false,
    };
  }
}

function softmax(x: Numbers, width: number): Float64Array {
  const powers = Float64Array.from(x, Math.exp);
  const totals = Float64Array.from({ length: x.length / width }, (_, row) =>
    sum([...powers.subarray(row * width, (row + 1) * width)]),
  );
  return powers.map((value, i) => value / totals[Math.floor(i / width)]!);
}

function* products(): Generator<Case> {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const inputs = [values(transposeA ? [7, 5] : [5, 7]), values(transposeB ? [9, 7] : [7, 9], 3)];
      const reference: Case['reference'] = (a, b) => matMul(a, b, [5, 7, 9], transposeA, transposeB);
      yield { kernel: 'BatchMatMul', inputs, run: (a, b) => tf.matMul(a, b, transposeA, transposeB), reference };
      yield {
        kernel: '_FusedMatMul',
        inputs: [...inputs, values([9], 1)],
        run: (a, b, bias) => tf.fused.matMul({ a, b, bias, transposeA, transposeB, activation: 'relu' }),
        reference: (a, b, bias) => Float64Array.from(reference(a, b), (value, i) => Math.max(0, value + bias![i % 9]!)),
      };
    }
  }
  const batched = [2, 3, 4];
  yield {
    kernel: 'BatchMatMul',
    inputs: [values(batched), values([2, 4, 5], 3)],
    run: (a, b) => tf.matMul(a, b),
    reference: (a, b) =>
      fill([2, 3, 5], (n, i, j) => sum([0, 1, 2, 3].map((k) => at(a, batched, n, i, k) * at(b, [2, 4, 5], n, k, j)))),
  };
}

/** Reductions, softmax, normalisation and matrix products. */
export function* reductionCases(): Generator<Case> {
  yield* reductions();
  yield* products();
  yield { kernel: 'Softmax', inputs: [values([6, 9])], run: (x) => tf.softmax(x), reference: (x) => softmax(x, 9) };
  yield {
    kernel: 'FusedBatchNorm',
    inputs: [values(MAP), values([6]), positive([6]), values([6], 2), positive([6], 4)],
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-5,
      ),
    reference: (x, mean, variance, offset, scale) =>
      batchNorm({ x, mean: mean!, variance: variance!, offset: offset!, scale: scale! }, 1e-5),
  };
  const ids = [1, 0, 2, 1, 1];
  yield {
    kernel: 'UnsortedSegmentSum',
    inputs: [values([5, 4])],
    run: (x) => tf.unsortedSegmentSum(x, tf.tensor1d(ids, 'int32'), 3),
    reference: (x) =>
      fill([3, 4], (segment, column) => sum(ids.map((id, row) => (id === segment ? at(x, [5, 4], row, column) : 0)))),
  };
}
