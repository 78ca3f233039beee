import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  channelShuffle,
  fusedMbConv,
  highResolutionModule,
  join,
  mbConv,
  shuffleUnit,
  stochasticDepth,
  type StochasticDepth,
  type Block,
} from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeBlock } from '../support/describe-block';

describeBlock('fusedMbConv without expansion', fusedMbConv({ filters: 8, expansion: 1 }), {
  input: [7, 6, 8],
  output: [7, 6, 8],
  params: 592,
  golden: 'fusedmbconv_e1_s1_c8',
});
describeBlock('fusedMbConv', fusedMbConv({ filters: 16, expansion: 4, strides: 2 }), {
  input: [7, 6, 8],
  output: [4, 3, 16],
  params: 2912,
  golden: 'fusedmbconv_e4_s2_c8_16',
});
describeBlock('mbConv', mbConv({ filters: 8, expansion: 4 }), {
  input: [7, 6, 8],
  output: [7, 6, 8],
  params: 1106,
  golden: 'mbconv_e4_s1_c8',
});
describeBlock('mbConv that strides', mbConv({ filters: 16, expansion: 4, strides: 2 }), {
  input: [7, 6, 8],
  output: [4, 3, 16],
  params: 1378,
  golden: 'mbconv_e4_s2_c8_16',
});
describeBlock('shuffleUnit', shuffleUnit({ filters: 16 }), {
  input: [6, 5, 16],
  output: [6, 5, 16],
  params: 248,
  golden: 'shufflenet_unit_s1_c16',
});
describeBlock('shuffleUnit that strides', shuffleUnit({ filters: 16, strides: 2 }), {
  input: [7, 6, 12],
  output: [4, 3, 16],
  params: 524,
  golden: 'shufflenet_unit_s2_c12_16',
});

/** The fixture's branches are made of its one input: the first 4 and 8 channels and all 16, averaged over 1×1, 2×2 and 4×4 pixels. */
const branchesOfOne: Block<SymbolicTensor, readonly SymbolicTensor[]> = (x, name) => {
  const [, height, width, all] = x.shape as [null, number, number, number];
  const flat = layers.reshape({ targetShape: [height * width, all, 1] }).apply(x);
  const branches = [4, 8, 16].map((count, i) => {
    const cropping: [[number, number], [number, number]] = [
      [0, 0],
      [0, all - count],
    ];
    const first = layers.cropping2D({ cropping }).apply(flat);
    const map = layers.reshape({ targetShape: [height, width, count] }).apply(first);
    return layers.averagePooling2d({ poolSize: 2 ** i }).apply(map) as SymbolicTensor;
  });
  return highResolutionModule({ depth: 1 })(branches, join(name, 'm'));
};
describeBlock('highResolutionModule', branchesOfOne, {
  input: [8, 12, 16],
  output: [
    [8, 12, 4],
    [4, 6, 8],
    [2, 3, 16],
  ],
  params: 8664,
  golden: 'hrnet_module_3branch',
});

describe('channelShuffle', () => {
  beforeAll(() => useEngine('wasm'));
  const shuffled = async (groups: number): Promise<number[]> => {
    const x = input({ shape: [1, 2, 6] });
    const network = model({ inputs: x, outputs: channelShuffle({ groups })(x, 'shuffle') });
    return tf.tidy(() => network.predict(tf.reshape(tf.range(0, 12), [1, 1, 2, 6])) as tf.Tensor).data() as never;
  };
  it('deals the channels of each pixel out, group by group', async () => {
    expect([...(await shuffled(2))]).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    expect([...(await shuffled(3))]).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
  });
  it('refuses groups that do not divide, and odd filters', () => {
    const x = input({ shape: [4, 4, 6] });
    expect(() => channelShuffle({ groups: 4 })(x, 'shuffle')).toThrow(
      new RangeError('shuffle: groups must divide the channels. Received: groups=4, channels=6.'),
    );
    expect(() => shuffleUnit({ filters: 8 })(x, 'stage2.1')).toThrow(
      new RangeError(
        'stage2.1: filters must be even, and equal to the input channels where the stride is 1. Received: filters=8, input channels=6.',
      ),
    );
  });
});

describe('stochasticDepth', () => {
  beforeAll(() => useEngine('wasm'));
  const x = (): SymbolicTensor => input({ shape: [2, 2, 3] });
  it('drops whole samples in training, keeps the mean, and does nothing elsewhere', async () => {
    const image = x();
    const network = model({ inputs: image, outputs: stochasticDepth({ rate: 0.25 })(image, 'drop') });
    const ones = tf.ones([400, 2, 2, 3]);
    const plain = (await (network.apply(ones) as tf.Tensor).data()) as Float32Array;
    expect(plain.every((value) => value === 1)).toBe(true);
    const kept = (await (network.apply(ones, { training: true }) as tf.Tensor).data()) as Float32Array;
    const samples = Array.from({ length: 400 }, (_, i) => new Set(kept.subarray(12 * i, 12 * i + 12)));
    expect(samples.every((values) => values.size === 1)).toBe(true);
    const values = samples.map((set) => [...set][0]!);
    expect(new Set(values.map((value) => value.toFixed(6)))).toEqual(new Set(['0.000000', '1.333333']));
    // 300 of 400 are kept, ± 5 standard deviations of √(400 · 0.25 · 0.75) = 8.7.
    expect(Math.abs(values.filter((value) => value > 0).length - 300)).toBeLessThan(44);
  });
  it('drops the same for the same seed, name and step, and else something else', async () => {
    const ones = tf.ones([64, 2, 2, 3]);
    const drops = async (seed: number, name: string, draws: number): Promise<number[]> => {
      const image = x();
      const network = model({ inputs: image, outputs: stochasticDepth({ rate: 0.5, seed })(image, name) });
      (network.getLayer(name) as StochasticDepth).draws = draws;
      return [...(await (network.apply(ones, { training: true }) as tf.Tensor).data())];
    };
    const first = await drops(1, 'a', 3);
    expect(await drops(1, 'a', 3)).toEqual(first);
    for (const other of [drops(2, 'a', 3), drops(1, 'b', 3), drops(1, 'a', 4)]) expect(await other).not.toEqual(first);
  });
  it('refuses a rate that is no probability', () => {
    expect(() => stochasticDepth({ rate: 1 })).toThrow(
      new RangeError('stochasticDepth: rate must be in [0, 1). Received: 1.'),
    );
    expect(() => stochasticDepth({ rate: 0.5, seed: 0.5 })).toThrow(
      new RangeError('stochasticDepth: seed must be an integer. Received: 0.5.'),
    );
  });
});
