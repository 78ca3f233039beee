import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers the gradients of core
import { expect, test } from 'vitest';
import { COCO, keypointSet } from 'poseblocks/keypoints';
import { flipAverage, flipBack } from 'poseblocks/postprocess';
import examples from '../fixtures/examples.json';
import { describeEngines } from '../support/engines';

describeEngines('flip averaging', () => {
  const { input, pairs, flip_back, after_shift } = examples.flip;
  const set = keypointSet({ name: 'pair', names: ['left', 'right'], flipPairs: [['left', 'right']] });
  /** The example is [K, H, W]. */
  const channelsLast = (maps: number[][][]): tf.Tensor4D =>
    tf.tidy(() => tf.expandDims(tf.transpose(tf.tensor3d(maps), [1, 2, 0])) as tf.Tensor4D);

  test('turns back as the reference does', async () => {
    expect(pairs).toEqual([[0, 1]]);
    const [maps, expected] = [channelsLast(input), channelsLast(flip_back)];
    const back = flipBack(maps, set);
    expect(await back.data()).toEqual(await expected.data());
    tf.dispose([maps, expected, back]);
  });

  test.each([
    ['with the shift', true, after_shift],
    ['without', false, flip_back],
  ])('averages %s', async (_, shift, back) => {
    const before = tf.memory().numTensors;
    const maps = channelsLast(input);
    const average = flipAverage(maps, maps, set, { shift });
    const expected = tf.tidy(() => tf.mul(tf.add(maps, channelsLast(back)), 0.5));
    expect(await average.data()).toEqual(await expected.data());
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([maps, average, expected]);
  });

  test('of a symmetric prediction is the prediction', async () => {
    const maps = tf.tidy(() => tf.randomUniform([2, 6, 5, 17], 0, 1, 'float32', 7) as tf.Tensor4D);
    const mirrored = flipBack(maps, COCO); // its own inverse
    const average = flipAverage(maps, mirrored, COCO);
    expect(await average.data()).toEqual(await maps.data());
    tf.dispose([maps, mirrored, average]);
  });

  test('rejects other shapes', () => {
    const [a, b] = [tf.zeros([1, 4, 4, 17]) as tf.Tensor4D, tf.zeros([1, 4, 5, 17]) as tf.Tensor4D];
    expect(() => flipAverage(a, b, COCO)).toThrow(
      'flipAverage: both heatmaps must be [N, H, W, K]. Received: [1, 4, 4, 17] and [1, 4, 5, 17].',
    );
    expect(() => flipBack(a, set)).toThrow(/the 2 keypoints of pair. Received: \[1, 4, 4, 17\]/);
    tf.dispose([a, b]);
  });
});
