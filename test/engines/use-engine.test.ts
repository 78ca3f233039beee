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
    expect(text).toMatch(/chosen because +asked for by name/);
  });

  it('starts again after it was disposed', async () => {
    await disposeEngine();
    expect(() => describeEngine()).toThrow(/no engine was started/);
    await useEngine(engine);
    const sum = tf.tidy(() => tf.sum(tf.ones([3])));
    expect([...(await sum.data())]).toEqual([3]);
    sum.dispose();
  });
});

describe('useEngine', () => {
  it("with 'auto' takes the best that is present and says why not the better ones", async () => {
    const { name, reason } = await useEngine('auto');
    expect(reason).toContain('the best that is present');
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
    await disposeEngine();
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
    await expect(useEngine('wasm', { threads: 0 })).rejects.toThrow(
      /whole number of at least 1\. Received: threads=0\./,
    );
  });
});
