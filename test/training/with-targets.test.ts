import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { withTargets } from 'poseblocks/training';
import { describe, expect, it } from 'vitest';

describe('withTargets', () => {
  const people = [{ frame: 'input' as const, xy: new Float32Array(2), score: new Float32Array(1) }];
  const batches = () => [{ images: tf.zeros<tf.Rank.R4>([1, 2, 2, 3]), people }];

  it.each(['heatmaps', 'coordinates', 'target'] as const)('takes %s as the target', async (name) => {
    const made = { value: [new Float32Array(3)], weights: tf.ones<tf.Rank.R2>([1, 1]) };
    const encode = () => ({ [name]: made.value, weights: made.weights }) as { target: Float32Array[]; weights: tf.Tensor2D }; // prettier-ignore
    for await (const { images, target, weights } of withTargets(batches, encode)(0, 0)) {
      expect([target, weights]).toEqual([made.value, made.weights]);
      tf.dispose([images, weights]);
    }
  });

  it('disposes the images of people that cannot be encoded', async () => {
    const before = tf.memory().numTensors;
    const failing = (): never => {
      throw new RangeError('not these');
    };
    const iterator = (withTargets(batches, failing)(0, 0) as AsyncGenerator)[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('not these');
    expect(tf.memory().numTensors).toBe(before);
  });
});
