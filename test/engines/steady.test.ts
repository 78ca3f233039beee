import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { afterEach, expect, it } from 'vitest';
import { sharing } from '../../src/engines/wasm/simd/simd-module';
import { batch, createReplica } from './data-parallel/model';
import { threadsStarted } from '../support/threads';

const MEBIBYTE = 2 ** 20;
const IMAGES = 64;
const { leastWork } = sharing;

afterEach(() => {
  sharing.leastWork = leastWork;
  disposeEngine();
});

/** Bytes of WebAssembly memory, which never shrinks. */
const heap = (): number => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;

it.each([1, 2])(
  'trains a thousand steps with not one tensor more, and resident memory flat, threads %i',
  async (threads) => {
    await useEngine('wasm', { threads });
    sharing.leastWork = 0; // so that threads share even these small kernels
    await threadsStarted(threads);
    const { model, variables, loss } = createReplica('batch');
    const optimizer = tf.train.adam(1e-3);
    const data = [0, 1, 2].map((i) => batch(i * IMAGES, IMAGES));
    let live = 0; // bytes of the step's own tensors
    const step = async (i: number): Promise<void> => {
      const before = tf.memory().numBytes;
      const value = optimizer.minimize(
        () => {
          const result = loss(data[i % data.length]!);
          live = tf.memory().numBytes - before;
          return result;
        },
        true,
        [...variables],
      )!;
      await value.data();
      value.dispose();
    };
    for (let i = 0; i < 200; i++) await step(i);
    const { numTensors, numBytes } = tf.memory();
    const ids = tf.engine().backend.numDataIds();
    const [memory, resident] = [heap(), process.memoryUsage().rss];
    for (let i = 0; i < 1000; i++) await step(i);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    expect(tf.engine().backend.numDataIds()).toBe(ids);
    expect(heap()).toBe(memory);
    const allowed = 32 * MEBIBYTE; // for the garbage collector's moods
    expect((1000 * live) / 4).toBeGreaterThan(allowed); // a leak of a quarter of a step's tensors would show
    expect(process.memoryUsage().rss - resident).toBeLessThan(allowed);
    model.dispose();
    optimizer.dispose();
  },
);
