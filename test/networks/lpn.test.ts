import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { stateDict } from 'poseblocks/interop';
import { lpn, type LpnOptions, type LpnVariant } from 'poseblocks/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { keysOf, loadProcedural, proceduralNetworks } from '../support/procedural';
import { expectProceduralOutputs } from '../support/procedural-output';

const expected = proceduralNetworks();
const CASES: readonly [LpnVariant, LpnOptions['attention'], string][] = [
  ['lpn-50', 'gc', 'lpn50'],
  ['lpn-50', 'none', 'lpn50_nogc'],
  ['lpn-101', 'gc', 'lpn101'],
  ['lpn-152', 'gc', 'lpn152'],
];

beforeAll(() => useEngine('wasm'));

describe.each(CASES)('%s with attention %s', (variant, attention, name) => {
  it('has the state dict of the official code, and its outputs', { timeout: 600_000 }, async () => {
    const network = lpn(variant, { attention: attention!, initialization: 'none' });
    const keys = keysOf(name);
    const own = await stateDict(network);
    expect(
      Object.entries(own)
        .map(([key, { shape }]) => [key, shape])
        .sort(),
    ).toEqual([...keys].sort());
    loadProcedural(network, keys);
    await expectProceduralOutputs(network, expected[name]!);
    network.dispose();
  });
});

describe('lpn', () => {
  it('takes any size divisible by 16, any number of keypoints, other depths and widths', () => {
    const network = lpn('lpn-50', {
      inputShape: [128, 96, 3],
      keypoints: 5,
      depths: [1, 1, 1, 1],
      widths: [16, 32, 48, 64],
      attention: 'se',
    });
    expect(network.outputs[0]!.shape).toEqual([null, 32, 24, 5]);
    network.dispose();
  });

  it('starts from the same weights for the same seed, and from others for another', async () => {
    const weights = async (seed: number): Promise<Float32Array> => {
      const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], seed });
      const { data } = (await stateDict(network))['layer1.0.conv1.weight']!;
      network.dispose();
      return data;
    };
    const [a, b, c] = [await weights(1), await weights(1), await weights(2)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    const deviation = Math.sqrt(a.reduce((sum, value) => sum + value * value, 0) / a.length);
    expect(deviation).toBeGreaterThan(0.00096);
    expect(deviation).toBeLessThan(0.00104);
    expect(tf.memory().numTensors).toBe(0);
  });

  it.each([
    [
      'a size that does not divide',
      { inputShape: [250, 192, 3] },
      'lpn-50: height and width must be divisible by 16. Received: inputShape=[250, 192, 3]. The nearest that work are [256, 192].',
    ],
    ['no keypoints', { keypoints: 0 }, 'deconvHead: keypoints must be a positive integer. Received: 0.'],
    [
      'an unknown attention',
      { attention: 'cbam' },
      "lpn: attention must be 'gc', 'se', 'none' or a block. Received: cbam.",
    ],
    ['a depth of zero', { depths: [1, 0, 1, 1] }, 'stage: depth must be a positive integer. Received: 0.'],
  ])('refuses %s', (_, options, message) => {
    expect(() => lpn('lpn-50', options as LpnOptions)).toThrow(new RangeError(message));
  });

  it('refuses an unknown variant', () => {
    expect(() => lpn('lpn-34' as 'lpn-50')).toThrow(
      new RangeError('lpn: variant must be one of lpn-50, lpn-101, lpn-152. Received: lpn-34.'),
    );
  });
});
