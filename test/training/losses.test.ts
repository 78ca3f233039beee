import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { readFileSync } from 'node:fs';
import { useEngine } from 'poseblocks/engines';
import { intermediateSupervision, jointsMse, ohkm, type Loss } from 'poseblocks/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const examples = JSON.parse(readFileSync(new URL('../fixtures/examples.json', import.meta.url), 'utf8'));

let target: tf.Tensor4D, predicted: tf.Tensor4D, weights: tf.Tensor2D, ones: tf.Tensor2D;
beforeAll(async () => {
  await tf.setBackend('cpu');
  // the reference's layout is [N, K, H, W]
  const nchw = tf.reshape(tf.div(tf.range(0, 24), 10), [2, 3, 2, 2]);
  predicted = tf.transpose(nchw, [0, 2, 3, 1]) as tf.Tensor4D;
  target = tf.reverse(predicted, 0);
  weights = tf.tensor2d(examples.joints_mse.weights);
  ones = tf.ones([2, 3]);
  nchw.dispose();
});
afterAll(() => tf.dispose([target, predicted, weights, ones]));

const read = async (scalar: tf.Scalar): Promise<number> => {
  const [value] = await scalar.data();
  scalar.dispose();
  return value!;
};

describe('equal to the reference', () => {
  it.each([
    ['jointsMse weighted', jointsMse, true, examples.joints_mse.with_weight],
    ['jointsMse', jointsMse, false, examples.joints_mse.without],
    ['ohkm weighted', ohkm({ topK: 2 }), true, examples.joints_mse.ohkm_top2_with_weight],
    ['ohkm', ohkm({ topK: 2 }), false, examples.joints_mse.ohkm_top2_without],
  ] as [string, Loss, boolean, number][])('%s', async (_name, loss, weighted, expected) => {
    expect(await read(loss(target, weighted ? weights : ones, predicted))).toBeCloseTo(expected, 6);
  });
});

it('ohkm is the same on wasm', async () => {
  await useEngine('wasm');
  try {
    const copies = [target, predicted, weights].map(async (x) => tf.tensor(await x.data(), x.shape));
    const [t, p, w] = (await Promise.all(copies)) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D];
    expect(await read(ohkm({ topK: 2 })(t, w, p))).toBeCloseTo(examples.joints_mse.ohkm_top2_with_weight, 6);
    tf.dispose([t, p, w]);
  } finally {
    await tf.setBackend('cpu');
  }
});

it('the weight acts squared', async () => {
  const halves = tf.fill([2, 3], 0.5) as tf.Tensor2D;
  const whole = await read(jointsMse(target, ones, predicted));
  expect(await read(jointsMse(target, halves, predicted))).toBeCloseTo(whole / 4, 6);
  halves.dispose();
});

describe('gradients', () => {
  /** Central differences of every element, in a direction that keeps float32 noise small. */
  async function numeric(loss: Loss, at: tf.Tensor4D, i: number): Promise<number> {
    const data = await at.data();
    const shifted = async (h: number) => {
      const copy = Float32Array.from(data);
      copy[i]! += h;
      const tensor = tf.tensor4d(copy, at.shape);
      const value = await read(loss(target, weights, tensor));
      tensor.dispose();
      return value;
    };
    return ((await shifted(0.05)) - (await shifted(-0.05))) / 0.1;
  }

  it.each([
    ['jointsMse', jointsMse],
    ['ohkm', ohkm({ topK: 2 })],
    ['intermediateSupervision', intermediateSupervision(jointsMse) as Loss],
  ] as [string, Loss][])('%s equals finite differences', async (_name, loss) => {
    const gradient = tf.grad((p) => loss(target, weights, p as tf.Tensor4D))(predicted);
    const values = await gradient.data();
    for (let i = 0; i < values.length; i++) {
      expect(Math.abs(values[i]! - (await numeric(loss, predicted, i)))).toBeLessThan(2e-5);
    }
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.01);
    gradient.dispose();
  });

  it('ohkm moves only the hardest keypoints, and none that is not labelled', async () => {
    const easy = tf.tidy(() => tf.add(target, tf.tensor4d([0.1, 0.5, 0.3], [1, 1, 1, 3]))) as tf.Tensor4D;
    const gradient = tf.grad((p) => ohkm({ topK: 1 })(target, weights, p as tf.Tensor4D))(easy);
    const perKeypoint = (await tf.tidy(() => tf.max(tf.abs(gradient), [1, 2])).array()) as number[][];
    // person 0: keypoint 1 errs most but has weight 0, so keypoint 2; person 1: keypoint 1
    expect(perKeypoint.map((row) => row.map((value) => value > 0))).toEqual([
      [false, false, true],
      [false, true, false],
    ]);
    tf.dispose([easy, gradient]);
  });
});

describe('intermediate supervision', () => {
  it('sums over the outputs, with weights', async () => {
    const one = await read(jointsMse(target, weights, predicted));
    const other = await read(jointsMse(target, weights, target));
    expect(other).toBe(0);
    const both = [predicted, target];
    expect(await read(intermediateSupervision(jointsMse)(target, weights, both))).toBeCloseTo(one, 7);
    const half = intermediateSupervision(jointsMse, { weights: [0.5, 1] });
    expect(await read(half(target, weights, both))).toBeCloseTo(one / 2, 7);
    expect(await read(intermediateSupervision(jointsMse)(target, weights, predicted))).toBeCloseTo(one, 7);
  });

  it('a wrong number of weights is refused', () => {
    const loss = intermediateSupervision(jointsMse, { weights: [1] });
    expect(() => loss(target, weights, [predicted, predicted])).toThrow('Received: 1 weights, 2 outputs.');
  });
});

it('leaks nothing', () => {
  const before = tf.memory().numTensors;
  for (const loss of [jointsMse, ohkm({ topK: 2 }), intermediateSupervision(jointsMse) as Loss]) {
    tf.dispose(loss(target, weights, predicted));
    tf.dispose(tf.grad((p) => loss(target, weights, p as tf.Tensor4D))(predicted));
  }
  expect(tf.memory().numTensors).toBe(before);
});

it.each([
  [
    'predictions of another size',
    () => jointsMse(target, weights, tf.zeros([2, 2, 2, 4])),
    'predicted [2,2,2,4], target [2,2,2,3]',
  ],
  [
    'weights of another size',
    () => jointsMse(target, tf.ones([2, 2]), predicted),
    'weights must be [N, K] = [2, 3]. Received: [2,2].',
  ],
  [
    'too many hard keypoints',
    () => ohkm()(target, weights, predicted),
    'ohkm: topK must be an integer from 1 to 3 keypoints. Received: 8.',
  ],
])('%s are refused', (_name, run, message) => expect(() => tf.tidy(run)).toThrow(message));
