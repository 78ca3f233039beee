import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useEngine } from 'poseblocks/engines';
import { pyranet } from 'poseblocks/networks';
import { quotedNetwork, type QuotedNetwork } from 'poseblocks/recipes';
import { beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../support/fixtures';

interface Row {
  id: string;
  conv_bias_adds?: number;
}
const rows = readJson<{ networks: Row[] }>('quoted/quoted_networks.json').networks.filter(
  ({ conv_bias_adds }) => conv_bias_adds !== undefined,
);

/** One addition an output of each convolution that has a bias. */
const biasAdditions = (network: LayersModel): number =>
  network.layers
    .filter((layer) => layer.getClassName() === 'Conv2D' && layer.getConfig()['useBias'])
    .reduce((sum, { output }) => sum + (output as { shape: number[] }).shape.slice(1).reduce((a, b) => a * b, 1), 0);

beforeAll(() => useEngine('cpu'));

describe('additions of biases, which the printed 26.7 G count beside multiply–adds', () => {
  it.each(rows.map(({ id, conv_bias_adds }) => [id.slice(4) as QuotedNetwork, conv_bias_adds]))('%s', (id, wanted) => {
    const network = quotedNetwork(id, { initialization: 'none' });
    expect(biasAdditions(network)).toBe(wanted);
    network.dispose();
  });
  it('are of four rows', () => expect(rows.length).toBe(4));
});

describe('what pyranet refuses', () => {
  it.each([
    [{ stacks: 0 }, 'pyranet: stacks must be a positive integer. Received: 0.'],
    [{ filters: 30 }, 'pyranet: filters must be divisible by 4. Received: 30.'],
    [
      { inputShape: [300, 256, 3] as const },
      'pyranet: height and width must be divisible by 64. Received: inputShape=[300, 256, 3]. The nearest that work are [320, 256].',
    ],
  ])('%j', (options, message) => {
    expect(() => pyranet({ initialization: 'none', ...options })).toThrow(new RangeError(message));
  });
});
