import * as tf from '@tensorflow/tfjs-core';
import { input, model, type LayersModel } from '@tensorflow/tfjs-layers';
import {
  globalContext,
  lightweightBottleneck,
  princetonStem,
  squeezeExcite,
  withoutInitialization,
} from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { deconvHead } from 'poseblocks/heads';
import { loadStateDict, stateDict, type StateDict } from 'poseblocks/interop';
import { countMacs, countParams } from 'poseblocks/metrics';
import {
  efficientNetV2,
  highResolutionBackbone,
  hrnet,
  initialize,
  lpn,
  lspBaseline,
  paperNetwork,
  resnet,
  shuffleNetV2,
  simpleBaseline,
  stackedHourglass,
  type Backbone,
  type SimpleBaselineOptions,
  type StackedHourglassOptions,
} from 'poseblocks/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf, variablesOf } from '../support/network';

const none = { initialization: 'none' } as const;
const inputShape = [64, 64, 3] as const;

beforeAll(() => useEngine('wasm'));

describe('backbones', () => {
  const shapes = (backbone: Backbone): [stride: number, channels: number][] =>
    withoutInitialization(() => backbone.features(input({ shape: [64, 96, 3] }), '')).map(({ stride, channels, x }) => {
      expect(x.shape).toEqual([null, 64 / stride, 96 / stride, channels]);
      return [stride, channels];
    });
  it.each<[string, () => Backbone, [number, number][]]>([
    [
      'resnet-18',
      () => resnet('resnet-18'),
      [
        [4, 64],
        [8, 128],
        [16, 256],
        [32, 512],
      ],
    ],
    [
      'resnet-34',
      () => resnet('resnet-34'),
      [
        [4, 64],
        [8, 128],
        [16, 256],
        [32, 512],
      ],
    ],
    [
      'resnet-50',
      () => resnet('resnet-50'),
      [
        [4, 256],
        [8, 512],
        [16, 1024],
        [32, 2048],
      ],
    ],
    [
      'efficientnet-v2-s',
      () => efficientNetV2('efficientnet-v2-s'),
      [
        [2, 24],
        [4, 48],
        [8, 64],
        [16, 160],
        [32, 1280],
      ],
    ],
    [
      'shufflenet-v2-x2.0',
      () => shuffleNetV2('shufflenet-v2-x2.0'),
      [
        [2, 24],
        [4, 24],
        [8, 244],
        [16, 488],
        [32, 2048],
      ],
    ],
    [
      'hrnet-w32',
      () => highResolutionBackbone({ width: 32 }),
      [
        [4, 32],
        [8, 64],
        [16, 128],
        [32, 256],
      ],
    ],
    [
      'hrnet-w32, two branches',
      () => highResolutionBackbone({ width: 32, outputs: 2 }),
      [
        [4, 32],
        [8, 64],
      ],
    ],
  ])('%s tells the stride and channels of each feature', (_, backbone, expected) => {
    expect(shapes(backbone())).toEqual(expected);
  });

  it('load torchvision checkpoints, whose classifier is left over', async () => {
    const network = simpleBaseline('resnet-18', { inputShape, ...none });
    const own = await stateDict(network);
    const head = Object.keys(own).filter((key) => /^(deconv_layers|final_layer)\./.test(key));
    const torchvision: Record<string, StateDict[string]> = {
      'bn1.num_batches_tracked': { shape: [], data: new Float32Array(1) },
    };
    for (const [key, { shape, data }] of Object.entries(own)) {
      if (!head.includes(key)) torchvision[key] = { shape, data: data.map(() => 0.5) };
    }
    torchvision['fc.weight'] = { shape: [1000, 512], data: new Float32Array(512_000) };
    torchvision['fc.bias'] = { shape: [1000], data: new Float32Array(1000) };
    const report = loadStateDict(network, torchvision, { strict: false });
    expect([...report.missing].sort()).toEqual(head.sort());
    expect(report.unexpected).toEqual(['fc.weight', 'fc.bias']);
    expect((await stateDict(network))['layer4.1.conv2.weight']!.data[0]).toBe(0.5);
    network.dispose();
  });
});

describe('blocks mix', () => {
  const runs = async (network: LayersModel, shape: number[], outputs = 1): Promise<void> => {
    const x = noise([1, ...network.inputs[0]!.shape.slice(1).map(Number)]);
    const ys = outputsOf(network, x);
    expect(ys.map((y) => y.shape)).toEqual(Array(outputs).fill([1, ...shape]));
    for (const y of ys) expect((await y.data()).every(Number.isFinite)).toBe(true);
    tf.dispose([x, ...ys]);
    network.dispose();
  };

  it('a lightweight bottleneck with Global Context in an hourglass, after any stem', async () => {
    const block: StackedHourglassOptions['block'] = ({ filters }) =>
      lightweightBottleneck({ filters, attention: globalContext() });
    const options = { inputShape, block, filters: 32, depth: 2, stacks: 3, keypoints: 5 } as const;
    await runs(stackedHourglass(options), [16, 16, 5], 3);
    await runs(stackedHourglass({ ...options, stem: 'princeton', blocks: 2 }), [16, 16, 5], 3);
    await runs(stackedHourglass({ ...options, stem: princetonStem({ filters: 32 }) }), [16, 16, 5], 3);
  });

  it('the multi-dilated residual', () =>
    runs(stackedHourglass({ inputShape, block: 'multi-dilated', filters: 16, depth: 2 }), [16, 16, 16], 2));

  it.each(['gc', 'se'])('%s in a ResNet', (kind) =>
    runs(
      simpleBaseline('resnet-18', { inputShape, attention: kind === 'gc' ? globalContext() : squeezeExcite() }),
      [16, 16, 17],
    ),
  );

  it('a grouped head on HRNet, by hand and through simpleBaseline', async () => {
    const image = input({ shape: [...inputShape], name: 'image' });
    const [finest] = highResolutionBackbone({ width: 8, outputs: 1 }).features(image, '');
    const head = deconvHead({ keypoints: 17, filters: [16], groups: 'max', pointwise: true });
    await runs(model({ inputs: image, outputs: head(finest!.x, '') }), [32, 32, 17]);
    const backbone = highResolutionBackbone({ width: 8, outputs: 1 });
    await runs(simpleBaseline(backbone, { inputShape, deconvFilters: [16], deconvGroups: 'max' }), [32, 32, 17]);
  });
});

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
    for (const frozenStatistics of ['move', 'keep'] as const) {
      const network = simpleBaseline('resnet-18', { inputShape, freeze: 'all-but-last', frozenStatistics });
      const mean = async (layer: string): Promise<number[]> => [
        ...(await stateDict(network))[`${layer}.running_mean`]!.data,
      ];
      const [frozen, free] = [await mean('layer1.0.bn1'), await mean('layer4.0.bn1')];
      const x = noise([1, ...inputShape]);
      tf.dispose([x, ...outputsOf(network, x, true)]);
      if (frozenStatistics === 'keep') expect(await mean('layer1.0.bn1')).toEqual(frozen);
      else expect(await mean('layer1.0.bn1')).not.toEqual(frozen);
      expect(await mean('layer4.0.bn1')).not.toEqual(free);
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

describe('initial weights', () => {
  const weights = async (network: LayersModel): Promise<(key: string) => Float32Array> => {
    const tensors = await stateDict(network);
    network.dispose();
    return (key) => tensors[key]!.data;
  };
  const deviation = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  const largest = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

  it('are N(0, 0.001²) in HRNet and SimpleBaseline, whose last bias alone is left to PyTorch', async () => {
    const high = await weights(hrnet('hrnet-w32', { inputShape, width: 8 }));
    expect(deviation(high('layer1.0.conv2.weight'))).toBeCloseTo(0.001, 5);
    expect(largest(high('final_layer.bias'))).toBe(0);
    const simple = await weights(simpleBaseline('resnet-18', { inputShape }));
    expect(deviation(simple('deconv_layers.0.weight'))).toBeCloseTo(0.001, 5);
    expect(largest(simple('final_layer.bias'))).toBeGreaterThan(0);
    expect(largest(simple('final_layer.bias'))).toBeLessThanOrEqual(1 / Math.sqrt(256));
  });

  it('are those of the official code in LPN, its exceptions included', async () => {
    const of = await weights(lpn('lpn-50', { inputShape, depths: [1, 1, 1, 1] }));
    const context = 'layer1.0.att';
    expect(deviation(of(`${context}.channel_add_conv.0.weight`))).toBeCloseTo(0.001, 4);
    expect(largest(of(`${context}.channel_add_conv.0.bias`))).toBeGreaterThan(0);
    expect(largest(of(`${context}.channel_add_conv.0.bias`))).toBeLessThanOrEqual(1 / Math.sqrt(64));
    expect(largest(of(`${context}.channel_add_conv.3.bias`)) + largest(of(`${context}.conv_mask.bias`))).toBe(0);
    expect([...new Set(of('bn1.weight'))]).toEqual([1]);
  });

  it("are PyTorch's own in hourglasses, and He's where asked for", async () => {
    const of = await weights(stackedHourglass({ inputShape, depth: 2, filters: 32 }));
    for (const key of ['weight', 'bias']) {
      expect(largest(of(`conv1.${key}`))).toBeLessThanOrEqual(1 / Math.sqrt(147));
      expect(largest(of(`conv1.${key}`))).toBeGreaterThan(0.5 / Math.sqrt(147));
    }
    const he = await weights(simpleBaseline('resnet-18', { inputShape, initialization: 'he' }));
    expect(deviation(he('layer4.0.conv2.weight'))).toBeCloseTo(Math.sqrt(2 / (512 * 9)), 4);
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
      "freeze: must be 'none', 'all-but-last' or 'all'. Received: half.",
    ],
    [
      'frozen statistics',
      () => simpleBaseline('resnet-18', { ...none, freeze: 'all', frozenStatistics: wrong('stop') }),
      "frozenStatistics: must be 'move' or 'keep'. Received: stop.",
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
      'stackedHourglass: outputWeights must be one a stack. Received: [1] for 2 stacks.',
    ],
    [
      'a row',
      () => lspBaseline(wrong('vgg')),
      'lspBaseline: row must be one of base, kernelsize3, finalkernel1, 128x128, 2layers, freezeall, resnet18, efficientnet, shuffle, shuffle10. Received: vgg.',
    ],
    [
      'an initialisation',
      () => initialize(lpn('lpn-50', none), wrong('xavier')),
      'initialize: scheme must be one of gaussian-0.001, simple-baseline, lpn, he, torch. Received: xavier.',
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
