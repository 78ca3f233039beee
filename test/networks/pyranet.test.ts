import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useEngine } from 'poseblocks/engines';
import { stateDict } from 'poseblocks/interop';
import { countMacs, countMacsOfPaper, countParams, countRunningStatistics } from 'poseblocks/metrics';
import { pyranet } from 'poseblocks/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../support/fixtures';
import { keysOf, loadProcedural, quotedProceduralNetworks } from '../support/procedural';
import { expectProceduralOutputs } from '../support/procedural-output';

const initialization = 'none';
const square = [256, 256, 3] as const;
/** The rows of the quoted systems' reference table, and the network of each. */
const ROWS: Readonly<Record<string, () => LayersModel>> = {
  '003-pyranet8-16j-320x256': () => pyranet({ keypoints: 16, initialization }),
  '003-pyranet8-16j-256x256': () => pyranet({ keypoints: 16, inputShape: square, initialization }),
  '003-pyranet8-17j-320x256': () => pyranet({ initialization }),
  '003-pyranet8-17j-256x256': () => pyranet({ inputShape: square, initialization }),
  '003-pyranet2-16j': () => pyranet({ stacks: 2, keypoints: 16, inputShape: square, initialization }),
  '003-alphapose-default': () => pyranet({ keypoints: 33, baseWidth: 6, cardinality: 5, initialization }),
};

interface Row {
  id: string;
  params: number;
  bn_running_stats: number;
  macs: number;
  macs_hrnet_convention: number;
  output: number[][];
  conv_bias_adds?: number;
}
const rows = readJson<{ networks: Row[] }>('quoted/quoted_networks.json').networks.filter(({ id }) =>
  /pyranet|alphapose/.test(id),
);

/** One addition an output of each convolution that has a bias: what the quoted 26.7 G count beside multiply–adds. */
const biasAdditions = (network: LayersModel): number =>
  network.layers
    .filter((layer) => layer.getClassName() === 'Conv2D' && layer.getConfig()['useBias'])
    .reduce((sum, { output }) => sum + (output as { shape: number[] }).shape.slice(1).reduce((a, b) => a * b, 1), 0);

describe('the counts of the reference', () => {
  beforeAll(() => useEngine('cpu'));

  it('has a network for every row', () => {
    expect(rows.map(({ id }) => id).sort()).toEqual(Object.keys(ROWS).sort());
  });
  it.each(rows.map((row) => [row.id, row] as const))('%s', (id, row) => {
    const network = ROWS[id]!();
    expect({
      params: countParams(network),
      bn_running_stats: countRunningStatistics(network),
      macs: countMacs(network),
      macs_hrnet_convention: countMacsOfPaper(network),
      output: network.outputs.map(({ shape: [, h, w, c] }) => [1, c, h, w]),
      ...(row.conv_bias_adds !== undefined && { conv_bias_adds: biasAdditions(network) }),
    }).toEqual(
      Object.fromEntries(
        ['params', 'bn_running_stats', 'macs', 'macs_hrnet_convention', 'output', 'conv_bias_adds']
          .filter((key) => key in row)
          .map((key) => [key, row[key as keyof Row]]),
      ),
    );
    network.dispose();
  });
});

describe('the reference implementation', () => {
  beforeAll(() => useEngine('wasm'));

  it.each([
    ['pyranet2_256x256', ROWS['003-pyranet2-16j']!],
    ['pyranet8_320x256', ROWS['003-pyranet8-17j-320x256']!],
  ])('%s: its state dict and its outputs', { timeout: 600_000 }, async (name, build) => {
    const network = build();
    const keys = keysOf(name, 'quoted/keys');
    const own = Object.entries(await stateDict(network)).map(([key, { shape }]) => [key, shape]);
    expect(own.sort()).toEqual([...keys].sort());
    loadProcedural(network, keys);
    await expectProceduralOutputs(network, quotedProceduralNetworks()[name]!);
    network.dispose();
  });
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
    expect(() => pyranet({ initialization, ...options })).toThrow(new RangeError(message));
  });
});
