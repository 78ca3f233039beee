import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerWasmGradients } from 'poseblocks/engines/wasm';

interface Heap {
  wasm: { _malloc: (bytes: number) => number };
}

const heap = (): Heap => tf.backend() as unknown as Heap;

/** Runs `kernel` on a heap on which only `count` more allocations succeed. */
function withAllocations(count: number, kernel: () => unknown): void {
  const { wasm } = heap();
  const allocate = wasm._malloc;
  let left = count;
  wasm._malloc = (bytes) => {
    if (left-- > 0) return allocate(bytes);
    throw new Error('no more');
  };
  try {
    kernel();
  } finally {
    wasm._malloc = allocate;
  }
}

describe('the wasm heap', () => {
  beforeAll(async () => {
    registerWasmGradients();
    await tf.setBackend('wasm');
    tf.dispose(tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2]))));
  });

  test('says in words that it is exhausted, and works on', async () => {
    const { wasm } = heap();
    const before = tf.memory().numTensors;
    // More than the heap can ever have: the allocation fails whatever else is on it.
    expect(() => wasm._malloc(2 ** 32 - 2 ** 16)).toThrow(
      /wasm: out of memory: 4294901760 more bytes do not fit.*batch/,
    );
    const y = tf.tidy(() => tf.conv2d(tf.ones([1, 5, 5, 2]) as tf.Tensor4D, tf.ones([3, 3, 2, 2]), 1, 'valid'));
    expect([...(await y.data())]).toEqual(new Array(18).fill(18));
    y.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([0, 1])('loses nothing when the allocation after %i others fails within a kernel', (count) => {
    const x = tf.ones([2, 40, 40, 16]) as tf.Tensor4D;
    const filter = tf.ones([5, 5, 16, 96]) as tf.Tensor4D;
    const [tensors, data] = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
    expect(() => withAllocations(count, () => tf.conv2d(x, filter, 1, 'same'))).toThrow('no more');
    expect(tf.engine().backend.numDataIds()).toBe(data);
    expect(tf.memory().numTensors).toBe(tensors);
    tf.dispose([x, filter]);
  });
});
