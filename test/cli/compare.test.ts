import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from 'poseblocks/cli';
import { holdOut, syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { countMacs, countParams, longerSides, meanPose, pck } from 'poseblocks/metrics';
import { hrnet, lpn } from 'poseblocks/networks';
import { compareNetworks, comparisonCsv, matchNetworks, namedNetwork, namedNetworks } from 'poseblocks/recipes';
import { quietOutputs } from 'poseblocks/training';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine('wasm').then(() => undefined));

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(['compare', ...args], { print: (line) => out.push(line), warn: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('names', () => {
  it('are recipes, rows and attentions; patterns give several', () => {
    expect(namedNetworks()).toEqual(expect.arrayContaining(['lpn-50', '002-baseline', 'lpn-50-se', '003-hrnet-w32-256x192'])); // prettier-ignore
    expect(matchNetworks('lpn-50-*')).toEqual(['lpn-50-gc', 'lpn-50-se', 'lpn-50-none']);
    expect(matchNetworks('002-*')).toHaveLength(15);
    expect(matchNetworks('dwsep_all3')).toEqual(['002-dwsep_all3']);
    expect(() => matchNetworks('lpn-5')).toThrow('Received: lpn-5. Did you mean lpn-50');
  });

  it('build what they say, for the sizes that the papers print', () => {
    const { inputSize, keypointSet, build } = namedNetwork('lpn-50-none');
    const named = build({ inputSize, keypoints: keypointSet.names.length, seed: 1 });
    const own = lpn('lpn-50', { attention: 'none' });
    expect([countParams(named), countMacs(named)]).toEqual([countParams(own), countMacs(own)]);
    tf.dispose([named.getWeights(), own.getWeights()]);
    expect(namedNetwork('003-hrnet-w48-384x288').inputSize).toEqual([288, 384]);
    expect(namedNetwork('003-pyranet8-17j-320x256').inputSize).toEqual([256, 320]);
  });
});

describe('quietOutputs', () => {
  it('lets the HRNet of he begin near an empty map, and leaves running statistics and a quiet network alone', async () => {
    const network = hrnet('hrnet-w32', { inputShape: [64, 64, 3], initialization: 'he', seed: 3 });
    const images = tf.randomNormal<tf.Rank.R4>([2, 64, 64, 3], 0, 1, 'float32', 5);
    const strength = async (): Promise<number> => {
      const value = tf.tidy(() => tf.sqrt(tf.mean(tf.square(network.apply(images, { training: true }) as tf.Tensor))));
      return (await value.data())[0]!;
    };
    const statistics = async () => {
      const weights = network.layers.flatMap((layer) => layer.weights).filter(({ name }) => name.includes('moving'));
      return Promise.all(weights.slice(0, 6).map(async (weight) => [...(await weight.read().data())]));
    };
    const before = await statistics();
    const shrunk = await quietOutputs(network, images, { level: 0.01 });
    expect(await statistics()).toEqual(before);
    expect(Object.keys(shrunk)).toEqual(['final_layer']);
    expect(shrunk['final_layer']).toBeLessThan(0.2); // it was loud
    expect(await strength()).toBeCloseTo(0.01, 4);
    expect(await quietOutputs(network, images, { level: 0.02 })).toEqual({});
    images.dispose();
    network.dispose();
  });
});

describe('poseblocks compare', () => {
  it('counts and times by pattern, and writes CSV and a plot', async () => {
    const before = tf.memory().numTensors;
    const { code, out } = await run('lpn-50-*', '--input', '64x64', '--runs', '2', '--out', folder, '--engine', 'wasm');
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^network +input +parameters, M +multiply–adds, G +maps, MB +maps of a step, MB +ms$/); // prettier-ignore
    expect(out).toMatch(/\nlpn-50-none +64x64 +2\.73 /);
    const csv = readFileSync(join(folder, 'compare.csv'), 'utf8').trim().split('\n');
    expect(csv[0]).toBe('name,input,keypoints,parameters,multiplyAdds,memoryInference,memoryTraining,milliseconds');
    expect(csv[1]).toMatch(/^lpn-50-gc,64x64,17,2911153,\d+,\d+,\d+,[\d.]+$/);
    expect(readFileSync(join(folder, 'compare.svg'), 'utf8')).toContain('lpn-50-se');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains each from a start near an empty map, with figures for each seed, the same when run again', async () => {
    const args = [
      'lpn-50-none',
      '002-dwsep_all3',
      '--input',
      '64x64',
      '--people',
      '12',
      '--steps',
      '3',
      '--rate',
      '1e-3',
    ];
    const again = [...args, '--batch', '4', '--runs', '0', '--seeds', '1,2', '--engine', 'wasm', '--json'];
    const { code, out } = await run(...again);
    expect(code).toBe(0);
    const rows = JSON.parse(out) as Record<string, number>[];
    expect(rows.at(-1)).toMatchObject({ name: 'mean pose' });
    for (const row of rows.slice(0, -1)) {
      expect(row).toMatchObject({ seeds: 2, keypoints: 17, rates: '0.001' });
      expect(row['startLoss']).toBeGreaterThan(0.98);
      expect(row['startLoss']).toBeLessThan(1.02);
      expect(row['loss']).toBeGreaterThan(0);
    }
    expect((await run(...again)).out).toBe(out);
  });

  it('measures saved models as they are, beside the mean pose', async () => {
    const model = 'weights/synthetic-small.safetensors';
    const { out } = await run(model, '--people', '40', '--runs', '0', '--engine', 'wasm', '--json');
    const [row, baseline] = JSON.parse(out) as Record<string, number>[];
    expect(row!['PCK']).toBeGreaterThan(0.3);
    expect(row).not.toHaveProperty('startLoss');

    const drawn = syntheticPeople({ seed: 1, count: 44, people: [1, 1] });
    const { training, heldOut } = holdOut(drawn);
    const pose = meanPose(training.persons);
    const truth = heldOut.persons.map(({ keypoints }) => keypoints);
    const normalizer = longerSides(heldOut.persons.map(({ box }) => box));
    const { mean } = pck(heldOut.persons.map(({ box }) => pose(box)), truth, { normalizer, threshold: 0.2 }); // prettier-ignore
    expect(baseline).toEqual({ name: 'mean pose', PCK: mean, AP: expect.any(Number) as number });
  });

  it('goes on with --resume where it was interrupted, and refuses other options', async () => {
    const out = join(folder, 'resumed');
    const args = ['--input', '64x64', '--runs', '0', '--people', '12', '--steps', '1', '--rate', '1e-3', '--batch', '2', '--engine', 'wasm', '--out', out]; // prettier-ignore
    const both = ['lpn-50-none', 'lpn-50-gc'];
    expect((await run(...both, ...args)).code).toBe(0);
    const read = (name: string): string => readFileSync(join(out, name), 'utf8');
    const csv = read('compare.csv');
    const { settings, rows } = JSON.parse(read('compare.json')) as { settings: object; rows: object[] };
    writeFileSync(join(out, 'compare.json'), JSON.stringify({ settings, rows: rows.slice(0, 1) })); // ended after the first
    const again = await run(...both, ...args, '--resume');
    expect([again.code, again.err.match(/\d of 2: .*/g)]).toEqual([0, ['2 of 2: lpn-50-gc']]);
    expect(read('compare.csv')).toBe(csv);
    expect(read('compare.html')).toContain('mean pose');

    const other = await run(...both, ...args, '--resume', '--seeds', '1,2');
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('Received: another --seeds.')]);
    const nowhere = await run(...both, '--out', join(folder, 'nowhere'), '--resume');
    expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringContaining('--resume needs the file of an interrupted comparison')]); // prettier-ignore
  });

  it('refuses what cannot be meant, in one line', async () => {
    for (const [args, message] of [
      [[], 'compare: a name or a model must be given'],
      [['lpm-50'], 'Did you mean lpn-50?'],
      [['lpn-50', '--steps', '3'], 'training steps need the option data'],
      [['lpn-50', '--annotations', 'x.json'], 'each --annotations must have its --images'],
      [['lpn-50', '--input', '63'], '--input must be WIDTHxHEIGHT'],
      [['lpn-50', '--input', '63x64'], 'divisible by'],
      [['none.safetensors'], 'the file must be readable'],
    ] as [string[], string][]) {
      const { code, err } = await run(...args, '--runs', '0', '--json');
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
      expect(err.split('\n')).toHaveLength(1);
    }
  });

  it('says nothing of what it does not know', async () => {
    const rows = await compareNetworks(['lpn-50-gc'], { inputSize: [64, 64], runs: 0 });
    expect(comparisonCsv(rows).split('\n')[0]).toBe('name,input,keypoints,parameters,multiplyAdds,memoryInference,memoryTraining'); // prettier-ignore
  });
});
