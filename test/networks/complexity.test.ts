import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { hourglassNet, lastOutput, lpn, simpleBaseline } from 'poseblocks/networks';
import {
  paperNetwork,
  paperNetworks,
  QUOTED_NETWORKS,
  quotedNetwork,
  type PaperNetwork,
  type QuotedNetwork,
} from 'poseblocks/recipes';
import {
  activationMemory,
  countMacs,
  countMacsOfPaper,
  countParams,
  countRunningStatistics,
  countTrainableParams,
  summary,
} from 'poseblocks/metrics';
import { useEngine } from 'poseblocks/engines';
import { beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../support/fixtures';

interface Row {
  id: string;
  params?: number;
  trainable: number;
  bn_running_stats: number;
  macs: number;
  macs_hrnet_convention: number;
  output: number[] | number[][];
}
const rows = readJson<{ networks: Row[] }>('networks.json').networks.filter(({ id }) => !id.includes('quoted'));
/** [1, C, H, W] of each output → [H, W, C]. */
const outputsOf = ({ output }: Row): number[][] =>
  (Array.isArray(output[0]) ? (output as number[][]) : [output as number[]]).map(([, c, h, w]) => [h!, w!, c!]);

beforeAll(() => useEngine('cpu'));

// Of torch, by test/fixtures/interop/write_hourglass.py; MMPose's table has 94.85M.
it.each([['hourglass-52', 94_847_632], ['hourglass-104', 187_708_576]] as const)('%s has the exact count', (variant, params) => {
  const network = hourglassNet(variant, { initialization: 'none' });
  expect(countTrainableParams(network)).toBe(params);
  expect(network.outputs.map(({ shape }) => shape.slice(1))).toEqual(Array.from({ length: variant === 'hourglass-52' ? 1 : 2 }, () => [64, 64, 16])); // prettier-ignore
  network.dispose();
}); // prettier-ignore

describe('the networks of the papers', () => {
  it('are those of the reference table, no more and no less', () => {
    const own = paperNetworks().filter((id) => !(id.slice(4) in QUOTED_NETWORKS));
    expect([...own].sort()).toEqual(rows.map(({ id }) => id).sort());
    expect(rows.length).toBe(45);
  });

  it.each(rows.map((row) => [row.id, row] as const))('%s has the exact counts', (id, row) => {
    const network = paperNetwork(id as PaperNetwork, { initialization: 'none' });
    expect({
      params: countParams(network),
      trainable: countTrainableParams(network),
      bn_running_stats: countRunningStatistics(network),
      macs: countMacs(network),
      macs_hrnet_convention: countMacsOfPaper(network),
      output: network.outputs.map(({ shape }) => shape.slice(1)),
    }).toEqual({
      params: row.params,
      trainable: row.trainable,
      bn_running_stats: row.bn_running_stats,
      macs: row.macs,
      macs_hrnet_convention: row.macs_hrnet_convention,
      output: outputsOf(row),
    });
    network.dispose();
  });
});

interface QuotedRow extends Row {
  params_inference?: number;
}
const quotedRows = readJson<{ networks: QuotedRow[] }>('quoted/quoted_networks.json').networks.filter(
  ({ id }) => id.slice(4) in QUOTED_NETWORKS,
);

describe('the networks that paper 003 compares with', () => {
  it('are rows of the reference table', () => {
    expect(quotedRows.map(({ id }) => id.slice(4)).sort()).toEqual(Object.keys(QUOTED_NETWORKS).sort());
  });

  it.each(quotedRows.map((row) => [row.id.slice(4) as QuotedNetwork, row] as const))(
    '%s has the exact counts',
    (id, row) => {
      const network = quotedNetwork(id, { initialization: 'none' });
      const shapes = (of: typeof network): number[][] => of.outputs.map(({ shape }) => shape.slice(1) as number[]);
      // The reference counts multiply–adds of the one output that is deployed where it lists one only.
      const counted = 'deployed' in QUOTED_NETWORKS[id] ? lastOutput(network) : network;
      expect({
        params: countParams(network),
        trainable: countTrainableParams(network),
        bn_running_stats: countRunningStatistics(network),
        macs: countMacs(counted),
        macs_hrnet_convention: countMacsOfPaper(counted),
        params_inference: row.params_inference === undefined ? undefined : countParams(counted),
        // Coordinates and resized maps come after what the reference lists.
        output: shapes(counted).slice(0, outputsOf(row).length),
      }).toEqual({
        params: row.params,
        trainable: row.trainable,
        bn_running_stats: row.bn_running_stats,
        macs: row.macs,
        macs_hrnet_convention: row.macs_hrnet_convention,
        params_inference: row.params_inference,
        output: outputsOf(row),
      });
      network.dispose();
    },
  );
});

describe('counting', () => {
  const image = (): SymbolicTensor => input({ shape: [8, 8, 3], name: 'image' });

  it('counts a shared layer twice where it works, once where it weighs', () => {
    const [a, b] = [image(), input({ shape: [4, 4, 3] })];
    const shared = layers.conv2d({ filters: 2, kernelSize: 1 });
    const network = model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] as SymbolicTensor[] });
    expect(countParams(network)).toBe(8);
    expect(countMacs(network)).toBe(6 * 64 + 6 * 16);
  });

  it('keeps apart the two conventions of a transposed convolution', () => {
    const x = image();
    const y = layers.conv2dTranspose({ filters: 5, kernelSize: 4, strides: 2, padding: 'same' }).apply(x);
    const network = model({ inputs: x, outputs: y as SymbolicTensor });
    expect(countMacs(network)).toBe(4 * 4 * 3 * 5 * 8 * 8);
    expect(countMacsOfPaper(network)).toBe(4 * countMacs(network));
  });

  it('follows maps until their last use', () => {
    const x = image();
    const a = layers.conv2d({ filters: 4, kernelSize: 1 }).apply(x) as SymbolicTensor; // 192 in, 256 out: 448 alive
    const b = layers.conv2d({ filters: 1, kernelSize: 1 }).apply(a) as SymbolicTensor; // 256 + 64
    const c = layers.reshape({ targetShape: [64, 1] }).apply(b) as SymbolicTensor; // the same 64
    const d = layers.flatten().apply(layers.add().apply([c, c])) as SymbolicTensor; // 64 + 64
    const network = model({ inputs: x, outputs: d });
    expect(activationMemory(network)).toEqual({ inference: 448 * 4, training: (192 + 256 + 64 + 64) * 4 });
    expect(activationMemory(network, { batch: 3, bytes: 2 }).inference).toBe(448 * 6);
  });

  it('refuses what it cannot count, and says why', () => {
    const open = input({ shape: [null, null, 3], name: 'image' });
    const convolution = layers.conv2d({ filters: 1, kernelSize: 1, name: 'conv1' }).apply(open) as SymbolicTensor;
    expect(() => countMacs(model({ inputs: open, outputs: convolution }))).toThrow(
      new RangeError(
        'conv1: every size but the batch must be fixed. Received: [?, ?, 1]. Build the network with a full inputShape.',
      ),
    );
    const x = input({ shape: [4, 4, 4, 3] });
    const y = layers.conv3d({ filters: 2, kernelSize: 1, name: 'volume' }).apply(x) as SymbolicTensor;
    expect(() => countMacs(model({ inputs: x, outputs: y }))).toThrow(
      /^volume: no rule exists to count the multiply–adds/,
    );
    expect(() => activationMemory(model({ inputs: x, outputs: y }), { batch: 0 })).toThrow(
      new RangeError('activationMemory: batch and bytes must be positive. Received: batch=0, bytes=4.'),
    );
  });
});

describe('summary', () => {
  it('shows parts, shares and totals', () => {
    const network = lpn('lpn-50', { initialization: 'none' });
    const text = summary(network);
    expect(text).toMatchSnapshot();
    expect(text).toContain('parameters           2,911,153');
    expect(text).toContain('1,068,144,640 (1.008 G as papers count');
    network.dispose();
  });
  it('tells how much trains, and goes deeper when asked', () => {
    const network = simpleBaseline('resnet-18', { freeze: 'all', initialization: 'none' });
    const text = summary(network, { depth: 2 });
    expect(text).toContain(', of which ');
    expect(text).toMatch(/^layer1\.1 /m);
    network.dispose();
  });
});
