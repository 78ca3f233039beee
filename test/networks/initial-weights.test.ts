import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useEngine } from 'poseblocks/engines';
import { stateDict } from 'poseblocks/interop';
import { grmi, hrnet, keypointRcnn, lpn, pyranet, simpleBaseline, stackedHourglass } from 'poseblocks/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { variablesOf } from '../support/network';

const inputShape = [64, 64, 3] as const;

beforeAll(() => useEngine('wasm'));

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

  it("are He's by what goes in where G-RMI's maps come out, and torchvision's in a feature pyramid", async () => {
    const options = { inputShape: [65, 65, 3], depths: [1, 1, 1, 1], auxiliary: true } as const;
    const disks = await weights(grmi('grmi-50', options));
    expect(deviation(disks('head.weight'))).toBeCloseTo(Math.sqrt(2 / 2048), 3);
    expect(deviation(disks('auxiliary.weight'))).toBeCloseTo(Math.sqrt(2 / 1024), 3);
    expect(deviation(disks('backbone.layer3.0.conv2.weight'))).toBeCloseTo(Math.sqrt(2 / (256 * 9)), 3);
    const branch = await weights(keypointRcnn('resnet-18', { inputShape, headFilters: [32] }));
    const lateral = branch('backbone.fpn.inner_blocks.3.0.weight');
    expect(largest(lateral)).toBeLessThanOrEqual(Math.sqrt(3 / 512));
    expect(deviation(lateral)).toBeCloseTo(Math.sqrt(1 / 512), 3);
    expect(deviation(branch('roi_heads.keypoint_head.0.weight'))).toBeCloseTo(Math.sqrt(2 / (32 * 9)), 3);
  });

  it('divide their variance by the branches that meet in PyraNet', async () => {
    const of = await weights(pyranet({ inputShape, depth: 2, stacks: 2, filters: 144, cardinality: 3 }));
    // Xavier's deviation times √(1 / branches): image colours, two halves of a module, three levels of a pyramid, and one.
    const expected: readonly [key: string, branches: number, fans: number][] = [
      ['conv1', 3, (3 + 36) * 49],
      ['r5.main.2', 2, 72 + 72],
      ['r5.main.5', 1, (72 + 72) * 9],
      ['r5.reduce.2', 3, 72 + 16],
      ['r5.expand.2', 3, 16 + 72],
      ['r5.out.2', 2, 72 + 144],
      ['r5.skip.2', 2, 72 + 144],
      ['hg.0.low1.main.8', 1, 72 + 144],
      ['lin.0.2', 2, 144 + 144],
      ['fc_.0', 1, 144 + 144],
    ];
    for (const [key, branches, fans] of expected)
      expect(deviation(of(`${key}.weight`)) / Math.sqrt(2 / (branches * fans)), key).toBeCloseTo(1, 1);
    expect(largest(of('score.0.bias'))).toBeGreaterThan(0);
  });

  it('are no random numbers when weights are about to be loaded, which is what makes building quick', async () => {
    const network = hrnet('hrnet-w48', { inputShape, initialization: 'none' });
    const kernels = [...variablesOf(network)].filter(([key]) => key.endsWith('/kernel')).map(([, kernel]) => kernel);
    expect(kernels.length).toBe(293);
    const sums = tf.tidy(() => tf.addN(kernels.map((kernel) => tf.sum(tf.abs(kernel)))));
    expect([...(await sums.data())]).toEqual([0]);
    sums.dispose();
    network.dispose();
  });
});
