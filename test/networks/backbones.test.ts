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
import {
  efficientNetV2,
  highResolutionBackbone,
  resnet,
  shuffleNetV2,
  simpleBaseline,
  stackedHourglass,
  type Backbone,
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
      if (!head.includes(key)) torchvision[key] = { shape, data: new Float32Array(data.length).fill(0.5) };
    }
    torchvision['fc.weight'] = { shape: [1000, 512], data: new Float32Array(512_000) };
    torchvision['fc.bias'] = { shape: [1000], data: new Float32Array(1000) };
    const report = loadStateDict(network, torchvision, { strict: false });
    expect([...report.missing].sort()).toEqual(head.sort());
    expect(report.unexpected).toEqual(['fc.weight', 'fc.bias']);
    const last = await variablesOf(network).get('layer4.1.conv2/kernel')!.data();
    expect(last.every((value) => value === 0.5)).toBe(true);
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
