import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { registerWasmGradients } from 'poseblocks/engines/wasm';
import { compile } from 'poseblocks/inference';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharing } from '../../src/engines/wasm/simd/simd-module';
import { integerFloats, packIntegers } from '../../src/engines/wasm/simd/integers';
import type { Graph } from '../../src/graph';
import { compileGraph } from '../../src/inference/compile';
import { threadsStarted } from '../support/threads';
import { floatsFrom, oneConvolution, weightsOf, type Form } from './one-convolution';

const floats = floatsFrom(3);

/** A pointwise convolution, or as the form says, of random weights. */
function graphOf(channels: number, filters: number, scale: number, rest: Partial<Form> = {}): Graph {
  const form: Form = { from: [5, 7], channels, filters, ...rest };
  return oneConvolution(form, floats(weightsOf(form)), floats(filters, scale));
}

async function run(graph: Graph, precision: 'float32' | 'int16', images: tf.Tensor4D): Promise<Float32Array> {
  const compiled = compileGraph(graph, precision);
  const output = compiled(images) as tf.Tensor4D;
  const values = (await output.data()) as Float32Array;
  output.dispose();
  compiled.dispose();
  return values;
}

/** The worst difference in units of the wanted values' deviation. */
function worst(found: Float32Array, wanted: Float32Array): number {
  const mean = wanted.reduce((sum, value) => sum + value, 0) / wanted.length;
  const deviation = Math.sqrt(wanted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / wanted.length);
  return Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!))) / deviation;
}

describe.each([
  ['plain', 1],
  ['plain', 2],
] as const)('whole numbers, simd %s, threads %i', (simd, threads) => {
  beforeAll(async () => {
    await useEngine('wasm', { threads });
    registerWasmGradients({ simd });
    sharing.leastWork = 0;
    await threadsStarted(threads);
  });
  afterAll(() => disposeEngine());

  it.each([
    [16, 16, 4e-4],
    [64, 24, 8e-4],
    [512, 18, 2e-3],
    [2048, 40, 5e-3], // of longer sums each product has fewer bits
  ])('%i to %i channels: equal to %f of the deviation, whatever the scale', async (channels, filters, bound) => {
    for (const scale of [1e-3, 1, 1e4]) {
      const graph = graphOf(channels, filters, scale);
      const images = tf.tensor4d(floats(2 * 35 * channels, scale), [2, 5, 7, channels]);
      const [exact, whole] = [await run(graph, 'float32', images), await run(graph, 'int16', images)];
      const difference = worst(whole, exact);
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThan(bound);
      images.dispose();
    }
  });

  it.each<[string, number, number, number, Partial<Form>]>([
    ['7×7 of stride 2 on an image', 1.5e-3, 3, 24, { from: [22, 17], size: [7, 7], strides: 2, pad: 3 }],
    ['1×1 of stride 2', 1e-3, 32, 40, { from: [9, 12], strides: 2 }],
    ['3×3 of stride 2, an odd number of channels', 1e-3, 5, 19, { from: [11, 10], size: [3, 3], strides: 2, pad: 1 }],
    ['1×3 of stride 3, less than all of the image', 1e-3, 8, 16, { from: [8, 29], size: [1, 3], strides: 3 }],
    ['5×5 over more zeros than image', 1e-3, 4, 16, { from: [2, 3], size: [5, 5], pad: 4 }],
    ['4×2 of stride 1', 1.5e-3, 16, 32, { from: [7, 6], size: [4, 2], pad: 1 }],
  ])('%s: equal to %f of the deviation, whatever the scale', async (_, bound, channels, filters, form) => {
    const [height, width] = form.from!;
    for (const scale of [1e-3, 1, 1e4]) {
      const graph = graphOf(channels, filters, scale, form);
      const images = tf.tensor4d(floats(2 * height * width * channels, scale), [2, height, width, channels]);
      const [exact, whole] = [await run(graph, 'float32', images), await run(graph, 'int16', images)];
      const difference = worst(whole, exact);
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThan(bound);
      images.dispose();
    }
  });

  it.each<[string, Partial<Form>]>([
    ['pixels', {}],
    ['rows', { size: [3, 3], strides: 2 }],
  ])('%s of zeros give the bias', async (_, form) => {
    const graph = graphOf(16, 16, 1, form);
    const images = tf.zeros([1, 5, 7, 16]) as tf.Tensor4D;
    expect(await run(graph, 'int16', images)).toEqual(await run(graph, 'float32', images));
    images.dispose();
  });

  it.each<[string, Partial<Form>]>([
    ['pixel', {}],
    ['row', { size: [3, 3], strides: 2 }],
  ])('a value that is no number makes its %s none, and no other', async (_, form) => {
    const graph = graphOf(16, 16, 1, form);
    const values = floats(5 * 7 * 16);
    values[3] = NaN;
    const images = tf.tensor4d(values, [1, 5, 7, 16]);
    const found = await run(graph, 'int16', images);
    expect(found[0]).toBeNaN();
    expect(found.at(-1)).not.toBeNaN();
    images.dispose();
  });

  it.each([
    ['12 channels, no multiple of eight', 12, 16],
    ['17 filters, one beyond eights', 16, 17],
  ])('computes the rest in float32: %s', async (_, channels, filters) => {
    const graph = graphOf(channels, filters, 1);
    const images = tf.tensor4d(floats(35 * channels), [1, 5, 7, channels]);
    expect(await run(graph, 'int16', images)).toEqual(await run(graph, 'float32', images));
    images.dispose();
  });
});

it('never adds up more than 32 bits hold', () => {
  const [k, columns] = [4096, 16];
  const size = { rows: 1, run: k, columns };
  const packed = new Float32Array(integerFloats(size));
  packIntegers(new Float32Array(k * columns).fill(1), size, packed);
  const weight = Math.round(1 / packed[4]!); // the worth of one is 1 / its levels
  expect(packed[0]! * weight * k).toBeLessThan(2 ** 31);
  expect(Math.min(packed[0]!, weight)).toBeGreaterThan(700);
});

it.each(['lpn-small-leeds', 'lpn-50-leeds'])(
  'compiles %s: its heatmaps move by less than 5e-3 of their deviation, as a root mean square',
  async (name) => {
    await useEngine('wasm');
    const { network } = await loadPoseModelFile(
      fileURLToPath(new URL(`../../weights/${name}.safetensors`, import.meta.url)),
    );
    const [, height, width] = network.inputs[0]!.shape as number[];
    const images = tf.randomNormal([1, height!, width!, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
    const heatmaps = async (precision: 'float32' | 'int16'): Promise<Float32Array> => {
      const compiled = await compile(network, { precision });
      const output = compiled(images) as tf.Tensor4D;
      const values = (await output.data()) as Float32Array;
      tf.dispose(output);
      compiled.dispose();
      return values;
    };
    const [whole, exact] = [await heatmaps('int16'), await heatmaps('float32')];
    const rms = (values: Float32Array, from: (i: number) => number): number =>
      Math.sqrt(values.reduce((sum, value, i) => sum + (value - from(i)) ** 2, 0) / values.length);
    const mean = exact.reduce((sum, value) => sum + value, 0) / exact.length;
    const moved = rms(whole, (i) => exact[i]!) / rms(exact, () => mean);
    expect(moved).toBeGreaterThan(1e-5);
    expect(moved).toBeLessThan(5e-3);
    await expect(compile(network, { precision: 'int8' as never })).rejects.toThrow(
      "compile: precision must be 'float32' or 'int16'. Received: int8.",
    );
    tf.dispose(images);
    network.dispose();
    disposeEngine();
  },
);
