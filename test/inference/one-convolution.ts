import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { registerWasmGradients } from 'poseblocks/engines/wasm';
import type { WinogradChoice } from '../../src/engines/wasm/simd/winograd';
import type { Graph } from '../../src/graph';
import { compileGraph } from '../../src/inference/compile';
import { conv2d } from '../support/reference-kernels';
import { threadsStarted } from '../support/threads';

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

const BATCH = 2;

/** Values of the images that {@link compiled} and {@link definition} take. */
export const imageValues = ({ from, channels }: Form): number => BATCH * from[0] * from[1] * channels;

/** The result of a convolution, compiled with plain SIMD on an engine of its own. */
export async function compiled(
  form: Form,
  [x, filter, bias]: readonly [Float32Array, Float32Array, Float32Array],
  threads: number,
  winograd: WinogradChoice,
): Promise<Float32Array> {
  await useEngine('wasm', { threads, winograd });
  registerWasmGradients({ simd: 'plain' });
  await threadsStarted(threads);
  const run = compileGraph(oneConvolution(form, filter, bias));
  const images = tf.tensor4d(x, [BATCH, ...form.from, form.channels]);
  const y = run(images) as tf.Tensor;
  const values = (await y.data()) as Float32Array;
  tf.dispose([images, y]);
  run.dispose();
  disposeEngine();
  return values;
}

/** What it is by definition, in float64. */
export function definition(
  form: Form,
  [x, filter, bias]: readonly [Float32Array, Float32Array, Float32Array],
): Float64Array {
  const { from, channels, filters, size = [1, 1], strides = 1, pad = 0 } = form;
  const shape: [number, number, number, number] = [BATCH, ...from, channels];
  // Given one number, tfjs takes the filter to be square.
  const pads: tf.backend_util.ExplicitPadding = [[0, 0], [pad, pad], [pad, pad], [0, 0]]; // prettier-ignore
  const info = tf.backend_util.computeConv2DInfo(shape, [...size, channels, filters], strides, 1, pads, 'floor', false);
  return conv2d(x, filter, info).map((value, i) => Math.max(0, value + bias[i % filters]!));
}
