import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { outputsOf } from './network';
import { proceduralInput, type ProceduralNetwork, type ProceduralOutput } from './procedural';

/** Runs a network that has procedural weights, and holds every output to PyTorch's within 1e-4 of its standard deviation. */
export async function expectProceduralOutputs(network: LayersModel, expected: ProceduralNetwork): Promise<void> {
  const [n, c, h, w] = expected.input_shape;
  const x = tf.tensor4d(proceduralInput(expected.input_shape), [n, h, w, c]);
  const outputs = outputsOf(network, x);
  expect(outputs.length).toBe(expected.outputs.length);
  for (const [i, y] of outputs.entries()) {
    const first = tf.tidy(() => tf.transpose(y, [0, 3, 1, 2]));
    expectOutput(first.shape, (await first.data()) as Float32Array, expected.outputs[i]!, `output ${i}`);
    first.dispose();
  }
  tf.dispose([x, ...outputs]);
}

function expectOutput(shape: readonly number[], values: Float32Array, expected: ProceduralOutput, what: string): void {
  const { std, samples, mean, min, max } = expected;
  const tolerance = 1e-4 * std;
  expect(shape, what).toEqual(expected.shape);
  const close = (actual: number, wanted: number, name: string): void => {
    if (!(Math.abs(actual - wanted) <= tolerance)) {
      expect.fail(
        `${what}, ${name}: ${actual}, expected ${wanted}; ${Math.abs(actual - wanted) / std} deviations apart, 1e-4 allowed`,
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
