import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layers, model as build, type LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchNormalization } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { walk } from 'poseblocks/graph';
import { takeOver, writeHandover } from 'poseblocks/handover/node';
import { COCO } from 'poseblocks/keypoints';
import { gaussianCodec } from 'poseblocks/targets';
import { freeze } from 'poseblocks/training';
import { runPython, sayNoPython, trainingPython } from '../support/python';
import { people } from './photographs';

const python = trainingPython()!;
if (python === undefined) sayNoPython();

/** Three convolutions, each normalised. */
function network(): LayersModel {
  const image = layers.input({ shape: [32, 32, 3] });
  const convolution = (name: string, filters: number, strides: number) =>
    layers.conv2d({ name, filters, kernelSize: 3, strides, padding: 'same' });
  let x = image;
  ['a', 'b', 'c'].forEach((name, i) => {
    x = convolution(`${name}.conv`, 8, i < 2 ? 2 : 1).apply(x) as typeof x;
    x = new BatchNormalization({ name: `${name}.bn` }).apply(x) as typeof x;
    x = layers.reLU({ name: `${name}.relu` }).apply(x) as typeof x;
  });
  return build({ inputs: image, outputs: convolution('last', 17, 1).apply(x) as typeof x });
}

async function weightsOf(from: LayersModel): Promise<Map<string, Float32Array>> {
  const all = walk(from).nodes.flatMap(({ weights }) => weights);
  const read = all.map(async (w) => [`${w.path}/${w.name}`, (await w.read().data()) as Float32Array] as const);
  return new Map(await Promise.all(read));
}

describe.skipIf(python === undefined)('a frozen network that is handed over', { timeout: 300_000 }, () => {
  const folders: string[] = [];
  beforeAll(() => useEngine('wasm'));
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  it('is trained where it is not frozen; statistics move or stay as here', async () => {
    const { persons, images } = await people(8);
    const out = await mkdtemp(join(tmpdir(), 'poseblocks-frozen-'));
    folders.push(out, images);
    const frozen = network();
    freeze(frozen, [/^a\./], { statistics: 'move' });
    freeze(frozen, [/^b\./], { statistics: 'keep' });
    const codec = gaussianCodec({ inputSize: [32, 32], heatmapSize: [8, 8], sigma: 1 });
    const { settings } = await writeHandover(
      { network: frozen, codec, keypointSet: COCO },
      { out, training: { persons, images }, batchSize: 4, optimizer: { name: 'adam', rate: 1e-2 }, schedule: { epochs: 2 }, workers: 1 }, // prettier-ignore
    );
    expect(settings.frozen.map(({ statistics }) => statistics)).toEqual(['move', 'move', 'move', 'keep']);

    const before = await weightsOf(frozen);
    await runPython(python, [join(out, 'train.py')]);
    const taken = await takeOver(out, { which: 'last' });
    const after = await weightsOf(taken.network);
    const changed = [...after].filter(([key, values]) => values.some((value, i) => value !== before.get(key)![i]));
    expect(changed.map(([key]) => key).sort()).toEqual(
      [
        'a.bn/moving_mean',
        'a.bn/moving_variance',
        ...['kernel', 'bias'].flatMap((name) => [`c.conv/${name}`, `last/${name}`]),
        ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `c.bn/${name}`),
      ].sort(),
    );
    taken.network.dispose();
    frozen.dispose();
  });
});
