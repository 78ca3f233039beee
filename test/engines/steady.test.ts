import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batch, createReplica } from './data-parallel/model';

beforeAll(() => useEngine('wasm'));
afterAll(() => disposeEngine());

it('trains a thousand steps with not one tensor more, and resident memory flat', async () => {
  const { model, variables, loss } = createReplica('batch');
  const optimizer = tf.train.adam(1e-3);
  const step = async (i: number): Promise<void> => {
    const value = optimizer.minimize(() => loss(batch(i % 7, 4)), true, [...variables])!;
    await value.data();
    value.dispose();
  };
  for (let i = 0; i < 100; i++) await step(i);
  const { numTensors, numBytes } = tf.memory();
  const resident = process.memoryUsage().rss;
  for (let i = 0; i < 1000; i++) await step(i);
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  const MEBIBYTE = 2 ** 20; // the step's own tensors are 20 KB: a leak of a tenth of them would show
  expect((process.memoryUsage().rss - resident) / MEBIBYTE).toBeLessThan(64);
  model.dispose();
  optimizer.dispose();
});
