import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { registerWasmGradients, type SimdChoice } from 'poseblocks/engines/wasm';
import { describe, expect, it } from 'vitest';
import { takesStrided } from '../../src/engines/wasm/simd/strided';
import type { WinogradChoice } from '../../src/engines/wasm/simd/winograd';
import { compileGraph } from '../../src/inference/compile';
import { threadsStarted } from '../support/threads';
import { floatsFrom, oneConvolution, weightsOf, type Form } from './one-convolution';

const floats = floatsFrom(8);
const BATCH = 2;

interface How {
  readonly simd?: SimdChoice;
  readonly threads?: number;
  readonly winograd?: WinogradChoice;
}

async function result(form: Form, values: readonly Float32Array[], how: How): Promise<Float32Array> {
  const { simd = 'plain', threads = 1, winograd = true } = how;
  const [x, filter, bias] = values as [Float32Array, Float32Array, Float32Array];
  await useEngine('wasm', { threads, winograd });
  registerWasmGradients({ simd });
  await threadsStarted(threads);
  const run = compileGraph(oneConvolution(form, filter, bias));
  const images = tf.tensor4d(x, [BATCH, ...form.from, form.channels]);
  const y = run(images) as tf.Tensor;
  const found = (await y.data()) as Float32Array;
  tf.dispose([images, y]);
  run.dispose();
  disposeEngine();
  return found;
}

/** The convolution in float64, with ReLU. */
function definition(form: Form, x: Float32Array, filter: Float32Array, bias: Float32Array): Float64Array {
  const { from, channels, filters, size = [1, 1], strides = 1, pad = 0 } = form;
  const [height, width] = [0, 1].map((axis) => Math.floor((from[axis]! + 2 * pad - size[axis]!) / strides) + 1);
  const y = new Float64Array(BATCH * height! * width! * filters);
  let at = 0;
  for (let n = 0; n < BATCH; n++) {
    for (let i = 0; i < height!; i++) {
      for (let j = 0; j < width!; j++) {
        for (let out = 0; out < filters; out++) {
          let sum = bias[out]!;
          for (let p = 0; p < size[0]; p++) {
            for (let q = 0; q < size[1]; q++) {
              const [row, column] = [i * strides + p - pad, j * strides + q - pad];
              if (row < 0 || column < 0 || row >= from[0] || column >= from[1]) continue;
              for (let c = 0; c < channels; c++) {
                const value = x[((n * from[0] + row) * from[1] + column) * channels + c]!;
                sum += value * filter[((p * size[1] + q) * channels + c) * filters + out]!;
              }
            }
          }
          y[at++] = Math.max(0, sum);
        }
      }
    }
  }
  return y;
}

describe("Winograd's form along the rows of convolutions with stride 2", () => {
  it.each<Form>([
    { from: [64, 48], channels: 3, filters: 64, size: [7, 7], strides: 2, pad: 3 },
    { from: [59, 53], channels: 3, filters: 24, size: [7, 7], strides: 2, pad: 3 }, // neither tiles nor blocks are whole
    { from: [70, 41], channels: 5, filters: 16, size: [3, 8], strides: 2, pad: 1 }, // the last values of a pixel overlap
    { from: [65, 66], channels: 4, filters: 8, size: [7, 7], strides: 2, pad: 0 },
    { from: [80, 40], channels: 2, filters: 8, size: [1, 7], strides: 2, pad: 6 }, // windows outside the image
  ])(
    'equals the definition for $from by $size of $channels to $filters channels, to 1e-5 of the deviation',
    async (form) => {
      const x = floats(BATCH * form.from[0] * form.from[1] * form.channels);
      const [filter, bias] = [floats(weightsOf(form)), floats(form.filters)];
      const wanted = definition(form, x, filter, bias);
      const deviation = Math.sqrt(wanted.reduce((sum, value) => sum + value ** 2, 0) / wanted.length);
      const worst = (found: Float32Array): number => {
        expect(found.length).toBe(wanted.length);
        return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0) / deviation;
      };
      const values = [x, filter, bias];
      const found = await result(form, values, {});
      const direct = await result(form, values, { winograd: '2x2' });
      expect(worst(found)).toBeLessThan(1e-5);
      expect(worst(direct)).toBeLessThan(1e-5);
      expect(found).not.toEqual(direct); // the form was used
      expect(await result(form, values, { threads: 2 })).toEqual(found);
    },
  );

  it('is for filters of seven or eight columns on maps of some size', () => {
    const window = { filter: [7, 7], stride: 2, dilation: 1, pad: [3, 3] } as const;
    expect(takesStrided(window, [7, 7, 3, 64], [128, 96])).toBe(true);
    expect(takesStrided(window, [7, 7, 3, 64], [8, 8])).toBe(false);
    expect(takesStrided(window, [7, 7, 1, 64], [128, 96])).toBe(false);
    expect(takesStrided(window, [7, 7, 3, 17], [128, 96])).toBe(false);
    expect(takesStrided(window, [5, 5, 3, 64], [128, 96])).toBe(false);
    expect(takesStrided({ ...window, stride: 1 }, [7, 7, 3, 64], [128, 96])).toBe(false);
    expect(takesStrided({ ...window, dilation: 2 }, [7, 7, 3, 64], [128, 96])).toBe(false);
  });
});
