import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { globalContext } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { countMacs, countParams } from 'poseblocks/metrics';
import {
  hourglassNet,
  hrnet,
  initialize,
  lpn,
  simpleBaseline,
  stackedHourglass,
  type SimpleBaselineOptions,
} from 'poseblocks/networks';
import { lspBaseline, paperNetwork } from 'poseblocks/recipes';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf, variablesOf } from '../support/network';

const none = { initialization: 'none' } as const;
const inputShape = [64, 64, 3] as const;

beforeAll(() => useEngine('wasm'));

describe('simpleBaseline', () => {
  it.each<[SimpleBaselineOptions, number[]]>([
    [{ deconvLayers: 2 }, [8, 8, 17]],
    [{ deconvLayers: 4, deconvKernelSize: 2 }, [32, 32, 17]],
    [{ deconvLayers: 0 }, [2, 2, 17]],
    [{ inputShape: [96, 32, 1], deconvKernelSize: 3, finalKernelSize: 3, keypoints: 3 }, [24, 8, 3]],
    [{ deconvFilters: [64, 32] }, [8, 8, 17]],
  ])('%j', (options, shape) => {
    const network = simpleBaseline('resnet-18', { inputShape, ...none, ...options });
    expect(network.outputs[0]!.shape.slice(1)).toEqual(shape);
    network.dispose();
  });

  const trainable = (network: LayersModel): Set<string> =>
    new Set(
      [...variablesOf(network)]
        .filter(([, { trainable }]) => trainable)
        .map(([key]) => key.split('.')[0]!.split('/')[0]!),
    );

  it.each<[SimpleBaselineOptions['freeze'], string[]]>([
    ['none', ['bn1', 'conv1', 'deconv_layers', 'final_layer', 'layer1', 'layer2', 'layer3', 'layer4']],
    ['all-but-last', ['deconv_layers', 'final_layer', 'layer4']],
    ['all', ['deconv_layers', 'final_layer']],
  ])('with freeze %s, trains no more than it says', (freeze, parts) => {
    const network = simpleBaseline('resnet-18', { inputShape, ...none, freeze: freeze! });
    expect([...trainable(network)].sort()).toEqual(parts);
    network.dispose();
  });

  it('lets the statistics of frozen parts move, or keeps them', async () => {
    const options = { inputShape, deconvLayers: 0, initialization: 'torch', freeze: 'all-but-last' } as const;
    for (const frozenStatistics of ['move', 'keep'] as const) {
      const network = simpleBaseline('resnet-18', { ...options, frozenStatistics });
      const means = ['layer1.0.bn1', 'layer4.0.bn1'].map((key) => variablesOf(network).get(`${key}/moving_mean`)!);
      const x = noise([1, ...inputShape]);
      tf.dispose([x, ...outputsOf(network, x, true)]);
      const moved = await Promise.all(means.map(async (mean) => (await mean.data()).some((value) => value !== 0)));
      expect(moved).toEqual([frozenStatistics === 'move', true]);
      network.dispose();
    }
  });
});

describe('stackedHourglass', () => {
  it('weighs the outputs of all hourglasses in the last stack', async () => {
    const options = { inputShape, depth: 2, filters: 8, keypoints: 2, seed: 4 } as const;
    const [plain, weighted] = [stackedHourglass(options), stackedHourglass({ ...options, outputWeights: [0, 1] })];
    const x = noise([1, ...inputShape]);
    const [a, b] = [outputsOf(plain, x), outputsOf(weighted, x)];
    for (const [i, y] of a.entries()) expect(await y.data()).toEqual(await b[i]!.data());
    expect(countParams(weighted)).toBe(countParams(plain));
    tf.dispose([x, ...a, ...b]);
    plain.dispose();
    weighted.dispose();
  });

  it('keeps or drops what the last stack of paper 001 does not use', () => {
    const options = { ...none, inputShape, depth: 2, filters: 16, stem: 'naman' } as const;
    const [kept, dropped] = [stackedHourglass(options), stackedHourglass({ ...options, remapLast: false })];
    expect(countParams(kept) - countParams(dropped)).toBe(16 * 16 + 16 + 16 * 16 + 16);
    expect(countMacs(kept) - countMacs(dropped)).toBe(2 * 16 * 16 * 16 * 16);
    kept.dispose();
    dropped.dispose();
  });
});

describe('wrong options', () => {
  const wrong = <T>(options: unknown): T => options as T;
  it.each<[string, () => unknown, string]>([
    [
      'a backbone',
      () => simpleBaseline(wrong('vgg-16')),
      'simpleBaseline: variant must be one of resnet-18, resnet-34, resnet-50, resnet-101, resnet-152, efficientnet-v2-s, shufflenet-v2-x2.0. Received: vgg-16.',
    ],
    [
      'a size',
      () => simpleBaseline('resnet-18', { inputShape: [250, 192, 3] }),
      'simple-baseline-resnet-18: height and width must be divisible by 32. Received: inputShape=[250, 192, 3]. The nearest that work are [256, 192].',
    ],
    [
      'depths for other widths',
      () => hourglassNet('hourglass-52', { widths: [8, 8, 8] }),
      'hourglassNet: widths must be at least two, the first even, with one depth per width. Received: [8, 8, 8] and [2, 2, 2, 2, 2, 4].',
    ],
    [
      'an hourglass that does not divide the image',
      () => hourglassNet('hourglass-52', { inputShape: [192, 256, 3] }),
      'hourglass-52: height and width must be divisible by 128. Received: inputShape=[192, 256, 3]. The nearest that work are [256, 256].',
    ],
    [
      'a kernel',
      () => simpleBaseline('resnet-18', { ...none, deconvKernelSize: wrong(5) }),
      'deconv_layers.0: kernelSize of a transposed convolution must be 2, 3 or 4. Received: 5.',
    ],
    [
      'groups',
      () => simpleBaseline('resnet-18', { ...none, deconvGroups: 96 }),
      'deconv_layers.0: groups must divide both input channels and filters. Received: groups=96, input channels=512, filters=256.',
    ],
    [
      'a last kernel',
      () => simpleBaseline('resnet-18', { finalKernelSize: wrong(2) }),
      'deconvHead: finalKernelSize must be 1 or 3. Received: 2.',
    ],
    [
      'layers',
      () => simpleBaseline('resnet-18', { deconvLayers: -1 }),
      'simple-baseline-resnet-18: deconvLayers must be an integer, 0 or more. Received: -1.',
    ],
    [
      'filters for other layers',
      () => simpleBaseline('resnet-18', { deconvLayers: 3, deconvFilters: [8] }),
      'simple-baseline-resnet-18: deconvFilters must have deconvLayers entries. Received: 1 and 3.',
    ],
    [
      'a freeze rule',
      () => simpleBaseline('resnet-18', { ...none, freeze: wrong('half') }),
      "freezeBackbone: freeze must be 'none', 'all-but-last' or 'all'. Received: half.",
    ],
    [
      'frozen statistics',
      () => simpleBaseline('resnet-18', { ...none, freeze: 'all', frozenStatistics: wrong('stop') }),
      "freezeBackbone: statistics must be 'move' or 'keep'. Received: stop.",
    ],
    [
      'attention where there is none',
      () => simpleBaseline('shufflenet-v2-x2.0', { attention: globalContext() }),
      'simpleBaseline: attention is an option of ResNets. Received: shufflenet-v2-x2.0.',
    ],
    [
      'keypoints',
      () => hrnet('hrnet-w32', { keypoints: 0 }),
      'hrnet-w32: keypoints must be a positive integer. Received: 0.',
    ],
    [
      'an HRNet',
      () => hrnet(wrong('hrnet-w18')),
      'hrnet: variant must be one of hrnet-w32, hrnet-w48. Received: hrnet-w18.',
    ],
    [
      'an hourglass size',
      () => stackedHourglass({ inputShape: [256, 200, 3] }),
      'stacked-hourglass: height and width must be divisible by 64. Received: inputShape=[256, 200, 3]. The nearest that work are [256, 192].',
    ],
    [
      'a block',
      () => stackedHourglass({ block: wrong('basic') }),
      'stackedHourglass: block must be one of bottleneck, dilated, no-skip, separable-3x3, separable-all, two-separable, two-separable-grouped, two-separable-dilated, two-separable-grouped-dilated, two-regular, multi-dilated. Received: basic.',
    ],
    [
      'a stem',
      () => stackedHourglass({ stem: wrong('vit') }),
      'stackedHourglass: stem must be one of bearpaw, princeton, patchify, naman, reduced. Received: vit.',
    ],
    [
      'stacks',
      () => stackedHourglass({ stacks: 0 }),
      'stackedHourglass: stacks must be a positive integer. Received: 0.',
    ],
    [
      'filters',
      () => stackedHourglass({ filters: 30 }),
      'stackedHourglass: filters must be divisible by 4. Received: 30.',
    ],
    [
      'weights',
      () => stackedHourglass({ outputWeights: [1] }),
      'stackedHourglass: outputWeights must be one per stack. Received: [1] for 2 stacks.',
    ],
    [
      'a row',
      () => lspBaseline(wrong('vgg')),
      'lspBaseline: row must be one of base, kernelsize3, finalkernel1, 128x128, 2layers, freezeall, resnet18, efficientnet, shuffle, shuffle10. Received: vgg.',
    ],
    [
      'an initialisation',
      () => initialize(lpn('lpn-50', none), wrong('xavier')),
      'initialize: scheme must be one of gaussian-0.001, simple-baseline, lpn, he, grmi, torchvision-rcnn, torch, pyranet. Received: xavier.',
    ],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(new RangeError(message));
  });
  it('a network of no paper', () => {
    expect(() => paperNetwork(wrong('004-vit'))).toThrow(
      /^paperNetwork: network must be one of 000-base, .*Received: 004-vit\.$/,
    );
  });
});
