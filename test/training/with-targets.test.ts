import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { withTargets } from 'poseblocks/training';
import { describe, expect, it } from 'vitest';

describe('withTargets', () => {
  const people = [{ frame: 'input' as const, xy: new Float32Array(2), score: new Float32Array(1) }];
  const batches = () => [{ images: tf.zeros<tf.Rank.R4>([1, 2, 2, 3]), people }];

  it('takes whatever a codec encodes as the target, and asks for the codec of the epoch', async () => {
    const made = { target: [new Float32Array(3)], weights: tf.ones<tf.Rank.R2>([1, 1]) };
    const epochs: number[] = [];
    const codecAt = (epoch: number) => {
      epochs.push(epoch);
      return { encodeBatch: () => made };
    };
    for (const codec of [{ encodeBatch: () => made }, codecAt]) {
      for await (const { images, target, weights } of withTargets(batches, codec)(7, 0)) {
        expect([target, weights]).toEqual([made.target, made.weights]);
        images.dispose();
      }
    }
    expect(epochs).toEqual([7]);
    made.weights.dispose();
  });

  it('begins where its source says that it begins', () => {
    const codec = { encodeBatch: () => ({ target: 0, weights: tf.ones<tf.Rank.R2>([1, 1]) }) };
    const seeking = (_epoch: number, firstBatch: number) => Object.assign(batches(), { firstBatch });
    expect(withTargets(seeking, codec)(0, 3)).toMatchObject({ firstBatch: 3 });
    expect(withTargets(batches, codec)(0, 3)).toMatchObject({ firstBatch: 0 });
  });

  it('disposes the images of people that cannot be encoded', async () => {
    const before = tf.memory().numTensors;
    const failing = {
      encodeBatch: (): never => {
        throw new RangeError('not these');
      },
    };
    const iterator = (withTargets(batches, failing)(0, 0) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toThrow('not these');
    expect(tf.memory().numTensors).toBe(before);
  });
});
