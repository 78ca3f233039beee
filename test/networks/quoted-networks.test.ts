import * as tf from '@tensorflow/tfjs-core';
import { input, model, type LayersModel } from '@tensorflow/tfjs-layers';
import { bottleneck } from 'poseblocks/blocks';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { integralHead } from 'poseblocks/heads';
import { countParams } from 'poseblocks/metrics';
import {
  cpn,
  dilatedResnet,
  grmi,
  integralRegression,
  lastOutput,
  lpn,
  residualBackbone,
  type GrmiOptions,
} from 'poseblocks/networks';
import { quotedNetwork } from 'poseblocks/recipes';
import { coordinateCodec, cpnCodec, diskOffsetCodec } from 'poseblocks/targets';
import { adam, coordinateRegression, cpnLoss, diskOffsetLoss, fit, withTargets } from 'poseblocks/training';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf, variablesOf } from '../support/network';

const none = { initialization: 'none' } as const;
const shapesOf = (network: LayersModel): (number | null)[][] => network.outputs.map(({ shape }) => shape.slice(1));
const small = residualBackbone({ block: bottleneck, depths: [1, 1, 1, 1], widths: [8, 8, 16, 16] });

beforeAll(() => useEngine('wasm'));

describe('cpn', () => {
  it('has a backbone of your own, any width, and no heads when it is deployed', () => {
    const options = { ...none, inputShape: [64, 96, 3], keypoints: 5, filters: 16 } as const;
    const [all, refined] = [cpn(small, options), cpn(small, { ...options, outputs: 'refined' })];
    expect(shapesOf(all)).toEqual(new Array(5).fill([16, 24, 5]));
    expect(shapesOf(refined)).toEqual([[16, 24, 5]]);
    const keys = (network: LayersModel): string[] => [...variablesOf(network).keys()].sort();
    expect(keys(lastOutput(all))).toEqual(keys(refined));
    expect(countParams(all) - countParams(refined)).toBe(4 * (16 * 16 + 2 * 16 + 9 * 16 * 5 + 2 * 5));
    all.dispose();
    refined.dispose();
  });

  it('gives in its last output what all of it does', async () => {
    const network = cpn(small, { inputShape: [32, 32, 3], keypoints: 2, filters: 8 });
    const x = noise([1, 32, 32, 3]);
    const [all, last] = [outputsOf(network, x), outputsOf(lastOutput(network), x)];
    expect(last.length).toBe(1);
    expect(await last[0]!.data()).toEqual(await all[4]!.data());
    tf.dispose([x, ...all, ...last]);
    network.dispose();
  });
});

describe('dilatedResnet', () => {
  it.each([
    [8, 'torchvision', [1, 1, 2, 2, 4]],
    [16, 'torchvision', [1, 1, 1, 1, 2]],
    [8, 'slim', [1, 2, 2, 4, 4]],
    [16, 'slim', [1, 1, 1, 2, 2]],
  ] as const)('of output stride %i by the rule of %s', (outputStride, rule, dilations) => {
    const image = input({ shape: [97, 65, 3] });
    const backbone = dilatedResnet('resnet-50', { outputStride, rule });
    const network = model({ inputs: image, outputs: backbone.features(image, '').at(-1)!.x });
    expect(shapesOf(network)).toEqual([[96 / outputStride + 1, 64 / outputStride + 1, 2048]]);
    const dilation = (layer: string): number => (network.getLayer(layer).getConfig()['dilation'] as number) ?? 1;
    const layers = ['layer2.3', 'layer3.0', 'layer3.1', 'layer4.0', 'layer4.1'].map((block) => `${block}.conv2`);
    expect(layers.map(dilation)).toEqual(dilations);
    network.dispose();
  });

  it('may be shallower and narrower', () => {
    const options = { depths: [1, 1, 2, 1], widths: [8, 8, 16, 16], auxiliary: true } as const;
    const network = grmi('grmi-50', { ...none, inputShape: [65, 49, 3], keypoints: 2, outputs: 'map', ...options });
    expect(shapesOf(network)).toEqual([
      [9, 7, 2],
      [9, 7, 6],
    ]);
    expect(network.getLayer('auxiliary').inboundNodes[0]!.inboundLayers[0]!.name).toMatch(/^backbone.layer3.1/);
    expect(network.getLayer('head').weights[0]!.shape).toEqual([1, 1, 64, 6]);
    network.dispose();
  });

  it.each([
    ['resnet-18', {}, 'dilatedResnet: variant must be one of resnet-50, resnet-101, resnet-152. Received: resnet-18.'],
    [
      'resnet-50',
      { depths: [1, 1, 0, 1] },
      'dilatedResnet: depths and widths must be positive integers. Received: [1, 1, 0, 1] and [64, 128, 256, 512].',
    ],
    ['resnet-50', { outputStride: 4 }, 'dilatedResnet: outputStride must be 8 or 16. Received: 4.'],
    ['resnet-50', { rule: 'deeplab' }, 'dilatedResnet: rule must be one of torchvision, slim. Received: deeplab.'],
  ])('refuses %s with %j', (variant, options, message) => {
    expect(() => dilatedResnet(variant as 'resnet-50', options as object)).toThrow(new RangeError(message));
  });
});

describe('grmi', () => {
  it('gives maps, crops or both, and auxiliary heatmaps before them', () => {
    const options = { ...none, inputShape: [65, 49, 3], keypoints: 2 } as const;
    const shapes = (more: GrmiOptions): (number | null)[][] => {
      const network = grmi('grmi-50', { ...options, ...more });
      const found = shapesOf(network);
      network.dispose();
      return found;
    };
    expect(shapes({})).toEqual([[65, 49, 6]]);
    expect(shapes({ outputs: 'map', outputStride: 16 })).toEqual([[5, 4, 6]]);
    expect(shapes({ outputs: 'both', auxiliary: true })).toEqual([
      [9, 7, 2],
      [65, 49, 2],
      [9, 7, 6],
      [65, 49, 6],
    ]);
  });

  it.each([
    [
      { inputShape: [352, 256, 3] },
      'grmi-101: height and width must be 8n + 1. Received: inputShape=[352, 256, 3]. The nearest that work are [353, 257].',
    ],
    [
      { inputShape: [361, 250, 3] },
      'grmi-101: height and width must be 8n + 1. Received: inputShape=[361, 250, 3]. The nearest that work are [361, 249].',
    ],
    [
      { inputShape: [353, 1, 3] },
      'grmi-101: height and width must be 8n + 1. Received: inputShape=[353, 1, 3]. The nearest that work are [353, 9].',
    ],
    [
      { inputShape: [361, 257, 3], outputStride: 16 },
      'grmi-101: height and width must be 16n + 1. Received: inputShape=[361, 257, 3]. The nearest that work are [369, 257].',
    ],
  ] as const)('names the nearest sizes for %j', (options, message) => {
    expect(() => grmi('grmi-101', { ...none, ...options })).toThrow(new RangeError(message));
  });
});

describe('integralRegression', () => {
  it('gives two or three coordinates, and the logits when asked', () => {
    const options = { ...none, inputShape: [64, 96, 3], keypoints: 4 } as const;
    const [flat, deep] = [
      integralRegression('integral-50', options),
      integralRegression('integral-50', { ...options, depth: 8, outputs: 'both' }),
    ];
    expect(shapesOf(flat)).toEqual([[4, 2]]);
    expect(shapesOf(deep)).toEqual([
      [16, 24, 32],
      [4, 3],
    ]);
    flat.dispose();
    deep.dispose();
  });

  it('has the parameters of the authors’ three dimensions', () => {
    const network = integralRegression('integral-101', { ...none, depth: 64 });
    expect(countParams(network)).toBe(53_267_072);
    network.dispose();
  });
});

it.each([
  ['cpn', () => cpn('cpn-34' as 'cpn-50'), 'cpn: variant must be one of cpn-50, cpn-101. Received: cpn-34.'],
  [
    'cpn',
    () => cpn('cpn-50', { form: 'caffe' as 'port' }),
    'cpn: form must be one of paper, release, port. Received: caffe.',
  ],
  ['grmi', () => grmi('grmi-18' as 'grmi-50'), 'grmi: variant must be one of grmi-50, grmi-101. Received: grmi-18.'],
  [
    'integralRegression',
    () => integralRegression('integral-18' as 'integral-50'),
    'integralRegression: variant must be one of integral-50, integral-101, integral-152. Received: integral-18.',
  ],
])('%s refuses what it does not know', (_, build, message) => {
  expect(build).toThrow(new RangeError(message));
});

it('quotedNetwork refuses rows that it does not have', () => {
  expect(() => quotedNetwork('openpose' as 'cpn50')).toThrow(
    /^quotedNetwork: row must be one of cpn50-paper, .*openpose\.$/,
  );
});

describe('a few steps of fit on drawn people lower the loss, and leak nothing', () => {
  const { persons, readImage } = syntheticPeople({ seed: 3, count: 4, imageSize: [96, 96], people: [1, 1] });
  const options = { inputShape: [33, 33, 3], keypoints: 17 } as const;
  const even = { inputShape: [32, 32, 3], keypoints: 17 } as const;
  const sizes = { inputSize: [32, 32], heatmapSize: [8, 8] } as const;
  const crops = (inputSize: readonly [number, number]) => () =>
    topDown({ persons, readImage, inputSize, batchSize: 4 });
  const common = { epochs: 6, optimizer: () => adam(2e-3) };

  it('of CPN', async () => {
    const codec = cpnCodec(sizes);
    const network = cpn(small, { ...even, filters: 16 });
    await expectFalling(network, (losses) =>
      fit(network, {
        ...common,
        optimizer: common.optimizer(),
        batches: withTargets(crops([32, 32]), codec),
        loss: cpnLoss(),
        callbacks: [losses],
      }),
    );
  });

  it('of an integral head on LPN', async () => {
    const codec = coordinateCodec({ inputSize: [32, 32] });
    const heatmaps = lpn('lpn-50', { ...even, depths: [1, 1, 1, 1], widths: [8, 16, 16, 16] });
    const network = model({ inputs: heatmaps.inputs, outputs: integralHead()(heatmaps.outputs[0]!, '') });
    await expectFalling(network, (losses) =>
      fit(network, {
        ...common,
        optimizer: common.optimizer(),
        batches: withTargets(crops([32, 32]), codec),
        loss: coordinateRegression(),
        callbacks: [losses],
      }),
    );
  });

  it('of G-RMI', async () => {
    const codec = diskOffsetCodec({ inputSize: [33, 33], radius: 4 });
    const network = grmi('grmi-50', options);
    await expectFalling(network, (losses) =>
      fit(network, {
        ...common,
        optimizer: common.optimizer(),
        batches: withTargets(crops([33, 33]), codec),
        loss: diskOffsetLoss(),
        callbacks: [losses],
      }),
    );
  });

  async function expectFalling(
    network: LayersModel,
    train: (losses: { onStep(event: { loss: number }): void }) => Promise<unknown>,
  ): Promise<void> {
    const losses: number[] = [];
    const before = tf.memory().numTensors;
    await train({ onStep: ({ loss }) => void losses.push(loss) });
    expect(losses.length).toBe(6);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    // What is left is the optimiser's own: two moments for each weight, and what it counts by.
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(2 * network.trainableWeights.length + 4);
    network.dispose();
  }
});
