import type { Tensor } from '@tensorflow/tfjs-core';

export type Numbers = ArrayLike<number>;
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One call of an op, with what it computes written out in float64. */
export interface Case {
  /** The kernel that the op runs on; the row of the table. */
  readonly kernel: string;
  readonly inputs: readonly Values[];
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: Numbers[]) => Numbers;
  /** The row for the gradient with respect to each input; `false` where there is none. Default: '<kernel> gradient'. */
  readonly gradients?: false | readonly (string | null)[];
  /** The gradient of Σ dy · op(inputs) with respect to one input, where its definition is at hand. Default: central differences. */
  readonly exact?: (index: number, dy: Numbers, inputs: readonly Numbers[]) => Numbers;
}

/** Distinct numbers in (-1, 1), none nearer to another or to 0 than 0.5 / size: no kink of relu or max within a small step. */
export function values(shape: readonly number[], seed = 0): Values {
  const size = shape.reduce((a, b) => a * b, 1);
  let step = Math.max(1, Math.round(size * 0.618));
  while (greatestCommonDivisor(step, size) !== 1) step++;
  const data = Float32Array.from({ length: size }, (_, i) => (2 * (((i + seed) * step) % size) + 1) / size - 1);
  const odd = size % 2 === 1 ? 0.25 / size : 0;
  return { shape, data: data.map((value) => value + odd) };
}

/** As {@link values}, in (0.5, 1.5). */
export function positive(shape: readonly number[], seed = 0): Values {
  const { data } = values(shape, seed);
  return { shape, data: data.map((value) => value / 2 + 1) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Fills an array of a shape from each element's indices. */
export function fill(shape: readonly number[], value: (...index: number[]) => number): Float64Array {
  const size = shape.reduce((a, b) => a * b, 1);
  return Float64Array.from({ length: size }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return value(...index);
  });
}

/** The element of an array at given indices; 0 outside. */
export function at(x: Numbers, shape: readonly number[], ...index: number[]): number {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (index[axis]! < 0 || index[axis]! >= shape[axis]!) return 0;
    flat = flat * shape[axis]! + index[axis]!;
  }
  return x[flat]!;
}
