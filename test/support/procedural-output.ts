import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { outputsOf } from './network';
import { proceduralInput, type ProceduralNetwork, type ProceduralOutput } from './procedural';

/** Runs a network that has procedural weights, and holds every output to PyTorch's. */
export async function expectProceduralOutputs(network: LayersModel, expected: ProceduralNetwork): Promise<void> {
  const [n, c, h, w] = expected.input_shape;
  const x = tf.tensor4d(proceduralInput(expected.input_shape), [n, h, w, c]);
  const outputs = outputsOf(network, x);
  await expectOutputs(outputs, expected.outputs);
  tf.dispose([x, ...outputs]);
}

/** Maps [N, H, W, C] within 1e-4 of their standard deviation, coordinates [N, K, D] within 5e-6, of PyTorch's. */
export async function expectOutputs(
  outputs: readonly tf.Tensor[],
  expected: readonly ProceduralOutput[],
): Promise<void> {
  expect(outputs.length).toBe(expected.length);
  for (const [i, y] of outputs.entries()) {
    const first = tf.tidy(() => (y.rank === 4 ? tf.transpose(y, [0, 3, 1, 2]) : tf.clone(y)));
    const tolerance = y.rank === 4 ? 1e-4 * expected[i]!.std : 5e-6;
    expectOutput(first.shape, (await first.data()) as Float32Array, expected[i]!, tolerance, `output ${i}`);
    first.dispose();
  }
}

function expectOutput(
  shape: readonly number[],
  values: Float32Array,
  expected: ProceduralOutput,
  tolerance: number,
  what: string,
): void {
  const { std, samples, mean, min, max } = expected;
  expect(shape, what).toEqual(expected.shape);
  const close = (actual: number, wanted: number, name: string): void => {
    if (!(Math.abs(actual - wanted) <= tolerance)) {
      expect.fail(
        `${what}, ${name}: ${actual}, expected ${wanted}; ${Math.abs(actual - wanted)} apart, ${tolerance} allowed`,
      );
    }
  };
  for (const [index, value] of samples) close(values[index]!, value, `element ${index}`);
  const average = values.reduce((a, b) => a + b, 0) / values.length;
  close(average, mean, 'mean');
  close(
    values.reduce((a, b) => Math.min(a, b), Infinity),
    min,
    'minimum',
  );
  close(
    values.reduce((a, b) => Math.max(a, b), -Infinity),
    max,
    'maximum',
  );
  close(Math.sqrt(values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length), std, 'deviation');
}
