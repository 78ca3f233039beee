import type { Graph } from '../../src/graph';

/** A generator of floats in [−1, 1), the same for the same seed. */
export function floatsFrom(seed: number): (count: number, scale?: number) => Float32Array {
  let state = seed;
  return (count, scale = 1) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return scale * (state / 2 ** 31 - 1);
    });
}

/** The map, filter and place of a convolution; pointwise unless it says otherwise. */
export interface Form {
  readonly from: readonly [height: number, width: number];
  readonly channels: number;
  readonly filters: number;
  readonly size?: readonly [height: number, width: number];
  readonly strides?: number;
  /** Zeros on every side. */
  readonly pad?: number;
}

/** Number of weights of the filter. */
export const weightsOf = ({ size = [1, 1], channels, filters }: Form): number => size[0] * size[1] * channels * filters;

/** A convolution with bias and ReLU. */
export function oneConvolution(form: Form, filter: Float32Array, bias: Float32Array): Graph {
  const { from, channels, filters, size = [1, 1], strides = 1, pad = 0 } = form;
  const pads = { top: pad, left: pad, bottom: pad, right: pad };
  const kernel = { data: filter, shape: [...size, channels, filters] };
  const reach = (axis: 0 | 1): number => Math.floor((from[axis] + 2 * pad - size[axis]) / strides) + 1;
  return {
    name: 'one',
    inputs: [{ name: 'image', shape: [...from, channels] }],
    outputs: ['y'],
    nodes: [
      {
        name: 'y',
        inputs: ['image'],
        shape: [reach(0), reach(1), filters],
        op: { kind: 'conv', kernel, bias, strides, pads, dilation: 1, groups: 1, activation: 'relu' },
      },
    ],
  };
}
