import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { formatLoadReport } from 'poseblocks/interop';
import {
  adam,
  discriminativeRates,
  fit,
  freeze,
  jointsMse,
  loadFitting,
  newHead,
  overfit,
  readWeights,
  sgd,
  unfreeze,
} from 'poseblocks/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { dotBatches, dots, tinyNetwork } from './support/tiny';

beforeAll(() => useEngine('wasm').then(() => undefined));

describe('loading what fits', () => {
  it('loads by name and shape, and reports the rest', async () => {
    const from = await readWeights(tinyNetwork({ seed: 1, keypoints: 2 }));
    const network = tinyNetwork({ seed: 2, keypoints: 3 });
    const { 'stem.conv/bias': _, ...some } = from;
    const report = loadFitting(network, { ...some, 'old/kernel': { shape: [1], data: new Float32Array(1) } });
    expect(report.loaded).toHaveLength(7);
    expect(report.missing).toEqual(['stem.conv/bias']);
    expect(report.unexpected).toEqual(['old/kernel']);
    expect(report.mismatched).toEqual([
      { key: 'final_layer/kernel', saved: [1, 1, 6, 2], network: [1, 1, 6, 3] },
      { key: 'final_layer/bias', saved: [2], network: [3] },
    ]);
    const now = await readWeights(network);
    for (const name of report.loaded) expect(now[name]).toEqual(from[name]);
    expect(formatLoadReport(report).split('\n')).toEqual([
      '7 weights loaded',
      'not loaded: final_layer/kernel, saved [1,1,6,2], in the network [1,1,6,3]',
      'not loaded: final_layer/bias, saved [2], in the network [3]',
      'not loaded: stem.conv/bias, not among those saved',
      'not used: old/kernel',
    ]);
  });

  it('renames, and refuses weights of something else', async () => {
    const network = tinyNetwork();
    const weights = Object.fromEntries(Object.entries(await readWeights(network)).map(([k, v]) => [`module.${k}`, v]));
    expect(() => loadFitting(network, weights)).toThrow(
      "the first module.stem.conv/kernel; the network's first is stem.conv/kernel. Give rename",
    );
    expect(loadFitting(network, weights, { rename: (name) => name.slice(7) }).missing).toEqual([]);
  });
});

describe('a new head', () => {
  it('keeps everything before it and gives K heatmaps', async () => {
    const old = tinyNetwork({ keypoints: 2 });
    const before = await readWeights(old);
    const network = newHead(old, 5);
    expect(network.outputs[0]!.shape).toEqual([null, 8, 8, 5]);
    const after = await readWeights(network);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(after['body.conv/kernel']).toEqual(before['body.conv/kernel']);
    const kernel = after['final_layer/kernel']!;
    expect(kernel.shape).toEqual([1, 1, 6, 5]);
    expect(Math.max(...kernel.data.map(Math.abs))).toBeLessThan(0.01);
    expect(new Set(kernel.data).size).toBeGreaterThan(20);
    const optimizer = adam(1e-2);
    const options = { epochs: 1, batches: dotBatches(2, { keypoints: 5 }), loss: jointsMse, optimizer };
    expect((await fit(network, options)).reason).toBe('done');
  });

  it('replaces each of several outputs', () => {
    expect(newHead(tinyNetwork({ outputs: 2 }), 4).outputs.map(({ shape }) => shape[3])).toEqual([4, 4]);
  });

  it('says what to do where it cannot', () => {
    expect(() => newHead(tinyNetwork(), 0)).toThrow('newHead: keypoints must be a positive integer. Received: 0.');
  });
});

describe('freezing', () => {
  it('by stage, by pattern and back', () => {
    const network = tinyNetwork();
    expect(freeze(network, 'stem')).toEqual({
      frozen: ['stem.conv', 'stem.bn'],
      trainable: ['body.conv', 'final_layer'],
    });
    expect(freeze(network, [/^body/, (name) => name === 'final_layer']).trainable).toEqual([]);
    expect(unfreeze(network, 'body').trainable).toEqual(['body.conv']);
    expect(() => freeze(network, 'ste')).toThrow(
      'freeze: match must name a layer that has weights. Received: ste; there are',
    );
  });

  it.each([
    ['move', true],
    ['keep', false],
  ] as const)('statistics %s', async (statistics, moved) => {
    const network = tinyNetwork();
    freeze(network, 'stem', { statistics });
    const before = await readWeights(network);
    await fit(network, { epochs: 1, batches: dotBatches(3), loss: jointsMse, optimizer: adam(1e-2) });
    const after = await readWeights(network);
    expect(after['stem.bn/gamma']).toEqual(before['stem.bn/gamma']);
    expect(after['stem.bn/moving_mean']!.data.some((v, i) => v !== before['stem.bn/moving_mean']!.data[i])).toBe(moved);
    unfreeze(network, 'stem');
    await fit(network, { epochs: 1, batches: dotBatches(1), loss: jointsMse, optimizer: adam(1e-2) });
    expect((await readWeights(network))['stem.bn/moving_mean']).not.toEqual(after['stem.bn/moving_mean']);
  });

  it('discriminative rates scale the step of each layer', async () => {
    const rateScale = discriminativeRates([
      ['stem', 0],
      [/^body/, 0.5],
    ]);
    expect(['stem.conv/kernel', 'body.conv/kernel_1', 'final_layer/bias'].map(rateScale)).toEqual([0, 0.5, 1]);
    const step = async (options: object) => {
      const network = tinyNetwork();
      const before = await readWeights(network);
      await fit(network, { epochs: 1, batches: dotBatches(1), loss: jointsMse, optimizer: sgd(1, options) });
      const after = await readWeights(network);
      return (name: string) => after[name]!.data[0]! - before[name]!.data[0]!;
    };
    const [plain, scaled] = [await step({}), await step({ rateScale })];
    expect(scaled('stem.conv/kernel')).toBe(0);
    expect(scaled('body.conv/bias') / plain('body.conv/bias')).toBeCloseTo(0.5, 4);
    expect(scaled('final_layer/bias')).toBe(plain('final_layer/bias'));
    expect(() => discriminativeRates([['a', -1]])).toThrow('factors must not be negative. Received: -1 for a.');
  });
});

describe('overfit', () => {
  it('passes where it can be learnt, and gives the weights back', async () => {
    const [network, batch, optimizer] = [tinyNetwork({ filters: 12 }), dots(0, { batch: 2 }), adam(2e-2)];
    const before = await readWeights(network);
    const report = await overfit(network, batch, { optimizer, goal: 0.2 });
    expect(report).toMatchObject({ passed: true, advice: '' });
    expect(report.loss).toBeLessThan(0.2);
    expect(Math.min(...report.peaks)).toBeGreaterThan(0.4);
    expect(await readWeights(network)).toEqual(before);
    tf.dispose([batch.images, batch.target, batch.weights]);
  });

  it('fails with advice where it cannot', async () => {
    const network = tinyNetwork();
    const blind = dots(0, { hide: [0, 1] });
    const nothing = await overfit(network, blind, { steps: 5 });
    expect(nothing.passed).toBe(false);
    expect(nothing.advice).toContain('no keypoint of the batch has a weight');
    const still = await overfit(network, dots(0), { steps: 5, optimizer: adam(0) });
    expect(still).toMatchObject({ passed: false, steps: 5 });
    expect(still.advice).toContain('Draw images with their targets');
  });

  it('tells learning from running statistics that are off', async () => {
    const [network, batch] = [tinyNetwork({ filters: 12 }), dots(0, { batch: 2 })];
    const norm = network.getLayer('stem.bn') as unknown as { momentum: number };
    norm.momentum = 1; // they never move
    const images = tf.mul<tf.Tensor4D>(batch.images, 100);
    const report = await overfit(network, { ...batch, images }, { optimizer: adam(2e-2), goal: 0.2 });
    expect(report.passed).toBe(false);
    expect(report.advice).toContain('it learns the batch in training mode, but in inference the loss is');
    tf.dispose([images, batch.images, batch.target, batch.weights]);
  });
});
