import * as tf from '@tensorflow/tfjs-core';
import { describeEngine, disposeEngine, formatEngine, useEngine, type EngineName } from 'poseblocks/engines';
import { afterAll, describe, expect, it } from 'vitest';
import { describeEngines } from '../support/engines';

afterAll(() => disposeEngine());

describeEngines('useEngine', (engine) => {
  it('makes the engine current and computes on it', async () => {
    const description = describeEngine();
    expect(description.name).toBe(engine);
    expect(tf.getBackend()).toBe(description.backend);
    const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2, 3]]), tf.tensor2d([[4], [5], [6]])));
    expect([...(await product.data())]).toEqual([32]);
    product.dispose();
  });

  it('lacks no kernel that training needs', () => {
    expect(describeEngine().missingKernels).toEqual([]);
  });

  it('says what it is in words', () => {
    const text = formatEngine(describeEngine());
    expect(text).toContain(engine);
    expect(text).toMatch(/device {9} +\S/);
    expect(text).toMatch(/chosen because +requested by name/);
  });

  it('starts again after it was disposed', async () => {
    disposeEngine();
    expect(() => describeEngine()).toThrow(/no engine was started/);
    await useEngine(engine);
    const sum = tf.tidy(() => tf.sum(tf.ones([3])));
    expect([...(await sum.data())]).toEqual([3]);
    sum.dispose();
  });
});

describe('useEngine', () => {
  it("computes the same on wasm's threads in Node", async () => {
    disposeEngine();
    expect((await useEngine('wasm')).threads).toBe(1);
    await expect(useEngine('wasm', { threads: 3 })).rejects.toThrow(
      /runs already, with threads=1; call disposeEngine\(\)/,
    );
    disposeEngine();
    expect((await useEngine('wasm', { threads: 3 })).threads).toBe(3);
    const product = tf.tidy(() => tf.conv2d(tf.ones([2, 32, 32, 8]) as tf.Tensor4D, tf.ones([3, 3, 8, 4]), 1, 'valid'));
    expect(new Set(await product.data())).toEqual(new Set([72]));
    product.dispose();
    disposeEngine();
    expect((await useEngine('wasm')).threads).toBe(1);
  });

  it("keeps the process's own handlers, and adds none", async () => {
    const own = (): void => {};
    disposeEngine();
    process.on('uncaughtException', own);
    try {
      const before = process.rawListeners('uncaughtException');
      await useEngine('wasm');
      expect(process.rawListeners('uncaughtException')).toEqual(before);
      disposeEngine();
      expect(process.rawListeners('uncaughtException')).toEqual(before);
    } finally {
      process.removeListener('uncaughtException', own);
    }
  });

  it("with 'auto' takes the best engine available and says why not the better ones", async () => {
    const { name, reason } = await useEngine('auto');
    expect(reason).toContain('the best engine available');
    for (const better of ['cuda', 'webgpu', 'tfjs-node'].slice(
      0,
      ['cuda', 'webgpu', 'tfjs-node', 'wasm'].indexOf(name),
    )) {
      expect(reason).toContain(`not ${better}: `);
    }
  });

  it('leaves no global behind', async () => {
    const before = Object.getOwnPropertyNames(globalThis);
    const listeners = process.eventNames().map((event) => [event, process.listenerCount(event)]);
    await useEngine('webgpu').catch(() => {});
    disposeEngine();
    expect(Object.getOwnPropertyNames(globalThis).filter((key) => !before.includes(key))).toEqual([]);
    expect((globalThis.navigator as Navigator | undefined)?.gpu).toBeUndefined();
    expect(process.eventNames().map((event) => [event, process.listenerCount(event)])).toEqual(listeners);
  });

  it('keeps the previous engine when the next one cannot start', async () => {
    await useEngine('cpu');
    await expect(useEngine('webgl')).rejects.toThrow("useEngine('webgl'): needs a browser.");
    expect(describeEngine().name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
  });

  it('refuses what it does not know', async () => {
    await expect(useEngine('tpu' as EngineName)).rejects.toThrow(
      /must be 'auto' or one of cuda, webgpu, webgl, tfjs-node, wasm, cpu\. Received: tpu\./,
    );
    await expect(useEngine('wasm', { threads: 0 })).rejects.toThrow(/integer of at least 1\. Received: threads=0\./);
    await expect(useEngine('wasm', { winograd: '4x4' as never })).rejects.toThrow(
      "winograd must be true, false or '2x2'. Received: 4x4.",
    );
  });
});
