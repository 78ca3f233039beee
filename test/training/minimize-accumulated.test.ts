import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { minimizeAccumulated } from 'poseblocks/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => useEngine('wasm'));
afterAll(() => disposeEngine());

const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const read = async (tensors: readonly tf.Tensor[]): Promise<number[][]> =>
  Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]));

describe('minimizeAccumulated', () => {
  it('makes the step of the joined batch', async () => {
    const [inputs, targets] = [noise([6, 5], 1), noise([6, 2], 2)];
    const weights: number[][] = [];
    for (const batches of [1, 3]) {
      const kernel = tf.variable(noise([5, 2], 3));
      const loss = (from: number, count: number) => (): tf.Scalar =>
        tf.mean(
          tf.squaredDifference(
            tf.matMul(tf.slice(inputs, [from, 0], [count, 5]), kernel),
            tf.slice(targets, [from, 0], [count, 2]),
          ),
        );
      const optimizer = tf.train.adam(0.1);
      const size = 6 / batches;
      const losses = Array.from({ length: batches }, (_, i) => loss(i * size, size));
      minimizeAccumulated(optimizer, losses, [kernel]).dispose();
      const tensors = tf.memory().numTensors;
      const value = minimizeAccumulated(optimizer, losses, [kernel]);
      weights.push([...(await read([kernel, value])).flat()]);
      value.dispose();
      expect(tf.memory().numTensors).toBe(tensors);
      tf.dispose(kernel);
      optimizer.dispose();
    }
    weights[1]!.forEach((weight, i) => expect(weight / weights[0]![i]!).toBeCloseTo(1, 5));
  });

  it('refuses to step without a loss', () => {
    expect(() => minimizeAccumulated(tf.train.sgd(1), [])).toThrow(/at least one function\. Received: none/);
  });
});
