import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import type { AxisPair } from 'poseblocks/targets';
import { adaptiveWing, simccKl, softArgmaxRegression } from 'poseblocks/training';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { readBlockFixture, readJson } from '../support/fixtures';

interface Case {
  readonly loss: number;
  readonly gradient: unknown[];
  readonly predicted: unknown[];
  readonly target?: unknown[];
  readonly x?: unknown[];
  readonly y?: unknown[];
  readonly weights: number[][];
}
const cases = readJson<Record<string, Case>>('training/losses.json');

beforeAll(() => tf.setBackend('cpu').then(() => undefined));
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  expect(tf.memory().numTensors).toBe(before);
});

const tensor = <T extends tf.Tensor>(values: unknown): T => tf.tensor(values as number[]) as T;

/** Value and gradient of f at x. */
async function valueAndGradient(f: (x: tf.Tensor) => tf.Scalar, x: tf.Tensor) {
  const { value, grad } = tf.valueAndGrad(f)(x);
  return { value: (await value.data())[0]!, gradient: await grad.data() };
}

describe('adaptive wing equals PyTorch', () => {
  it.each([
    ['awing', 0],
    ['awing_weighted_map', 10],
  ])('%s', async (name, foreground) => {
    const { predicted, target, weights, loss, gradient } = cases[name]!;
    const f = adaptiveWing({ foreground });
    const result = await valueAndGradient(
      (p) => f(tensor(target), tensor(weights), p as tf.Tensor4D),
      tensor<tf.Tensor4D>(predicted),
    );
    expect(result.value / loss).toBeCloseTo(1, 6);
    expectClose(result.gradient, gradient.flat(3) as number[], 2e-6, 'gradient');
  });

  it('has no gradient where the prediction is exact, and none that is NaN', async () => {
    const { target, weights } = cases['awing']!;
    const f = adaptiveWing();
    const { value, gradient } = await valueAndGradient(
      (p) => f(tensor(target), tensor(weights), p as tf.Tensor4D),
      tensor<tf.Tensor4D>(target),
    );
    expect(value).toBe(0);
    // |0|^(e-1) with e ≥ 1.1 is 0
    expect(Math.max(...Array.from(gradient, Math.abs))).toBe(0);
  });
});

describe('SimCC equals PyTorch', () => {
  it.each([
    ['simcc', 1],
    ['simcc_beta_10', 10],
  ])('%s', async (name, beta) => {
    const { predicted, x, y, weights, loss, gradient } = cases[name]!;
    const labels: AxisPair = [tensor(x), tensor(y)];
    const f = simccKl({ beta });
    const result = await valueAndGradient((scores) => {
      const [sx, sy] = tf.split(scores, [labels[0].shape[2], labels[1].shape[2]], 2) as [tf.Tensor3D, tf.Tensor3D];
      return f(labels, tensor(weights), [sx, sy]);
    }, tensor<tf.Tensor3D>(predicted));
    expect(result.value / loss).toBeCloseTo(1, 5);
    expectClose(result.gradient, gradient.flat(2) as number[], 1e-6, 'gradient');
  });

  it('refuses labels of other bins', () => {
    const [a, b] = [tf.zeros<tf.Rank.R3>([1, 2, 3]), tf.zeros<tf.Rank.R3>([1, 2, 4])];
    expect(() => simccKl()([a, a], tf.ones([1, 2]), [a, b])).toThrow('Received for y: [1,2,3], [1,2,4].');
    expect(() => simccKl()([a, a], tf.ones([1, 3]), [a, a])).toThrow(
      'weights must be [N, K] = [1,2]. Received: [1,3].',
    );
  });
});

describe('soft-argmax regression', () => {
  it('equals the weighted L1 of integral regression', async () => {
    const { tensors } = readBlockFixture('integral_l1_loss', 'quoted/blocks');
    const of = (name: string) => tf.tensor(tensors[name]!.data, [...tensors[name]!.shape]);
    const heatmaps = tf.transpose(of('input'), [0, 2, 3, 1]) as tf.Tensor4D;
    const [, height, width] = heatmaps.shape;
    const cells = tf.mul(tf.add(of('target'), 0.5), [width, height]) as tf.Tensor3D;
    const weights = tf.squeeze(tf.slice(of('weight'), [0, 0, 0], [-1, -1, 1]), [2]) as tf.Tensor2D;
    const f = softArgmaxRegression();
    const { value, grad } = tf.valueAndGrad((p) => f(cells, weights, p as tf.Tensor4D))(heatmaps);
    expect((await value.data())[0]! / tensors['loss']!.data[0]!).toBeCloseTo(1, 5);
    const gradient = await tf.transpose(grad, [0, 3, 1, 2]).data();
    expectClose(gradient, tensors['grad.input']!.data, 1e-6, 'gradient');
  });

  it('squares with l2, and refuses other shapes', async () => {
    const peak = tf.oneHot(tf.tensor1d([3 * 4 + 1], 'int32'), 16, 200, 0, 'float32');
    const heatmaps = tf.reshape(peak, [1, 4, 4, 1]) as tf.Tensor4D; // a peak at x = 1, y = 3
    const target = tf.tensor3d([[[3, 3]]]);
    const one = tf.ones<tf.Rank.R2>([1, 1]);
    const loss = async (norm: 'l1' | 'l2') => (await softArgmaxRegression({ norm })(target, one, heatmaps).data())[0];
    expect(await loss('l1')).toBeCloseTo(0.5, 6);
    expect(await loss('l2')).toBeCloseTo(0.25, 6);
    expect(() => softArgmaxRegression()(tf.zeros([1, 1, 3]), one, heatmaps)).toThrow('target must be [N, K, 2]');
  });
});
