import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { readHdf5, readZip, writeHdf5, writeZip } from 'poseblocks/bytes';
import { useEngine } from 'poseblocks/engines';
import { walk } from 'poseblocks/graph';
import { registerLayers } from 'poseblocks/heads';
import { exportKeras, importKeras, kerasMetadata, loadStateDict, poseMetadata, stateDict } from 'poseblocks/interop';
import { COCO } from 'poseblocks/keypoints';
import { loadPoseModel, poseModel, savePoseModel } from 'poseblocks/models';
import { hrnet, lpn, simpleBaseline, stackedHourglass } from 'poseblocks/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianCodec } from 'poseblocks/targets';
import { noise, outputsOf } from '../support/network';
import { proceduralWeight } from '../support/procedural';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/interop/${name}`, import.meta.url)));

beforeAll(async () => {
  await useEngine('wasm');
  registerLayers();
});

async function expectSame(actual: tf.Tensor, expected: ArrayLike<number>): Promise<void> {
  const values = await actual.data();
  expect(values.length).toBe(expected.length);
  values.forEach((value, i) => expect(Math.abs(value - expected[i]!), `element ${i}`).toBeLessThan(2e-5));
}

describe('importKeras', () => {
  it.each(['functional', 'sequential'])('opens a %s model of Keras 3, and gives what Python gave', async (name) => {
    const network = await importKeras(fixture(`${name}.keras`));
    const x = tf.tensor4d(
      Float32Array.from({ length: 2 * 8 * 6 * 3 }, (_, i) => Math.sin(i)),
      [2, 8, 6, 3],
    );
    const raw = fixture(`${name}.bin`);
    const expected = new Float32Array(raw.buffer, 0, raw.length / 4);
    let at = 0;
    for (const y of outputsOf(network, x)) {
      await expectSame(y, expected.subarray(at, at + y.size));
      at += y.size;
    }
    expect(at).toBe(expected.length);
    network.dispose();
  });

  /** The file with something in its config changed. */
  const changed = (from: string, to: string): Uint8Array => {
    const files = Object.fromEntries(readZip(fixture('sequential.keras')));
    const config = new TextDecoder().decode(files['config.json']);
    expect(config).toContain(from);
    return writeZip({ ...files, 'config.json': new TextEncoder().encode(config.replaceAll(from, to)) });
  };

  it.each([
    [
      '"class_name": "Flatten"',
      '"class_name": "Conv3D"',
      /^importKeras: flatten: the class must be one that can be imported. Received: Conv3D/,
    ],
    ['"data_format": "channels_last"', '"data_format": "channels_first"', 'data_format must be channels_last in tfjs. Received: "channels_first".'], // prettier-ignore
    ['"activation": "linear"', '"activation": "hard_sigmoid"', /activation must be one of .* Received: hard_sigmoid/],
    ['"name": "float32"', '"name": "mixed_float16"', 'numbers must be float32. Received: mixed_float16.'],
    ['"class_name": "Sequential"', '"class_name": "Custom"', 'must be functional or Sequential. Received: Custom.'],
  ])('refuses %s → %s, and says where', async (from, to, message) => {
    await expect(importKeras(changed(from, to))).rejects.toThrow(message);
  });

  it('refuses what is no Keras file, or lacks weights', async () => {
    await expect(importKeras(new Uint8Array(100))).rejects.toThrow(
      'importKeras: the bytes must be a complete ZIP archive',
    );
    await expect(importKeras(writeZip({ 'a.txt': new Uint8Array(1) }))).rejects.toThrow(
      'importKeras: the archive must hold config.json and model.weights.h5. Received: a.txt.',
    );
    const files = Object.fromEntries(readZip(fixture('sequential.keras')));
    const empty = writeZip({ ...files, 'model.weights.h5': writeHdf5({}) });
    await expect(importKeras(empty)).rejects.toThrow(/the weights of conv2d\S* must be in the file/);
  });
});

const small = { inputShape: [64, 64, 3], keypoints: 5, initialization: 'none' } as const;
const NETWORKS: Readonly<Record<string, () => LayersModel>> = {
  lpn: () => lpn('lpn-50', { ...small, depths: [1, 1, 1, 1] }),
  'deconvolution of kernel 3': () => simpleBaseline('resnet-18', { ...small, deconvKernelSize: 3 }),
  'shufflenet-v2': () => simpleBaseline('shufflenet-v2-x2.0', { ...small, deconvLayers: 1 }),
  hourglass: () => stackedHourglass({ ...small, filters: 64, block: 'two-separable-grouped-dilated', stacks: 1 }),
  hrnet: () => hrnet('hrnet-w32', small),
};

/** Names of the layers in a file. */
const namesIn = (file: Uint8Array): string[] => {
  const config = new TextDecoder().decode(readZip(file).get('config.json'));
  return (JSON.parse(config) as { config: { layers: { name: string }[] } }).config.layers.map(({ name }) => name);
};

describe('exportKeras', () => {
  // That Keras opens these files on its three backends and computes the same: keras-backends.test.ts. Here they come back.
  it.each(Object.entries(NETWORKS))('%s comes back with the same outputs', async (_, build) => {
    const network = build();
    const own = await stateDict(network);
    const weights = Object.entries(own).map(([key, { shape }]) => [key, proceduralWeight(key, shape)] as const);
    loadStateDict(network, Object.fromEntries(weights));
    const file = await exportKeras(network);
    expect(namesIn(file).filter((each) => !/^[A-Za-z0-9][\w-]*$/.test(each))).toEqual([]);
    const again = await importKeras(file);
    // Weights are called as they were, so that a checkpoint finds them; what Keras has not is another layer before or after.
    const paths = (of: LayersModel): string[] => walk(of).nodes.flatMap(({ weights }) => weights.map((weight) => `${weight.path}/${weight.name}`)); // prettier-ignore
    expect(paths(again).sort()).toEqual(paths(network).sort());
    expect(again.name).toBe(network.name);
    const x = noise([1, 64, 64, 3]);
    const [expected, actual] = [outputsOf(network, x), outputsOf(again, x)];
    for (const [i, y] of expected.entries()) {
      const values = await y.data();
      const scale = Math.max(...values.map(Math.abs));
      (await actual[i]!.data()).forEach((value, j) => expect(Math.abs(value - values[j]!) / scale).toBeLessThan(1e-5));
    }
    tf.dispose([x, ...expected, ...actual]);
    network.dispose();
    again.dispose();
  });

  it('names the weight that does not fit its layer, and leaves no tensor behind', async () => {
    const x = input({ shape: [4, 4, 2], name: 'image' });
    const y = layers.conv2d({ name: 'conv', filters: 2, kernelSize: 1 }).apply(x) as SymbolicTensor;
    const files = Object.fromEntries(readZip(await exportKeras(model({ inputs: x, outputs: y }))));
    const weights = Object.fromEntries(readHdf5(files['model.weights.h5']!));
    weights['layers/conv2d/vars/1'] = { shape: [3], data: new Float32Array(3) };
    const before = tf.memory().numTensors;
    await expect(importKeras(writeZip({ ...files, 'model.weights.h5': writeHdf5(weights) }))).rejects.toThrow(
      'importKeras: bias of conv must have shape [2]. Received: [3].',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps what belongs to a pose model, which opens again', async () => {
    const network = lpn('lpn-50', { ...small, keypoints: 17, depths: [1, 1, 1, 1], initialization: 'he' });
    const codec = gaussianCodec({ inputSize: [64, 64], heatmapSize: [16, 16], sigma: 1.5 });
    const provenance = { recipe: 'none', metrics: { PCK: 0.5 } };
    const model = poseModel({ network, codec, keypointSet: COCO, normalization: 'imagenet-bgr', padding: 1.1, provenance }); // prettier-ignore
    const file = await exportKeras(model);
    expect(kerasMetadata(file)).toEqual(poseMetadata(model));
    const imported = await importKeras(file);
    expect(imported.getUserDefinedMetadata()).toEqual(poseMetadata(model));
    const again = await loadPoseModel(file);
    const { network: _, ...records } = again;
    expect(JSON.parse(JSON.stringify(records))).toEqual(JSON.parse(JSON.stringify({ codec, keypointSet: COCO, normalization: model.normalization, crop: model.crop, provenance }))); // prettier-ignore
    // And as the library's own file, it is the same again.
    const saved = await loadPoseModel(await savePoseModel(again));
    const x = noise([1, 64, 64, 3]);
    const [expected, ...others] = await Promise.all([network, imported, again.network, saved.network].map((each) => outputsOf(each, x)[0]!.data())); // prettier-ignore
    const scale = Math.max(...expected!.map(Math.abs));
    for (const values of others)
      values.forEach((value, i) => expect(Math.abs(value - expected![i]!) / scale).toBeLessThan(1e-5));
    for (const each of [network, imported, again.network, saved.network]) each.dispose();
  });

  it('of a network alone has no records, and loadPoseModel says what opens it', async () => {
    const x = input({ shape: [4, 4, 2], name: 'image' });
    const y = layers.conv2d({ name: 'conv', filters: 2, kernelSize: 1 }).apply(x) as SymbolicTensor;
    const file = await exportKeras(model({ inputs: x, outputs: y }));
    expect(kerasMetadata(file)).toEqual({});
    await expect(loadPoseModel(file)).rejects.toThrow('importKeras of poseblocks/interop opens its network');
    const files = Object.fromEntries(readZip(file));
    const broken = writeZip({
      ...files,
      'poseblocks-model.json': new TextEncoder().encode('{"poseblocks.version":1}'),
    });
    await expect(importKeras(broken)).rejects.toThrow('importKeras: poseblocks-model.json must be an object of texts.');
  });

  it('names layers in the letters that every backend takes, whatever they are called', async () => {
    const x = input({ shape: [4, 4, 2], name: 'a.b' });
    let y = x;
    const odd = ['layer1.0', 'a-b', 'a--b', 'a..b', 'a/b', 'a-2f-b', 'conv.before', '0', 'a_'];
    for (const name of odd) y = layers.conv2d({ name, filters: 2, kernelSize: 1, useBias: false }).apply(y) as SymbolicTensor; // prettier-ignore
    const file = await exportKeras(model({ inputs: x, outputs: y, name: 'my.model' }));
    const names = namesIn(file);
    expect(names.filter((each) => !/^[A-Za-z0-9][\w-]*$/.test(each))).toEqual([]);
    expect(new Set(names).size).toBe(odd.length + 1);
    expect(names[1]).toBe('layer1--0');
    const again = await importKeras(file);
    expect(again.layers.map(({ name }) => name)).toEqual(['a.b', ...odd]);
    expect(again.name).toBe('my.model');
    again.dispose();
  });

  it('keeps shared layers, and names the layer that Keras has not', async () => {
    const x = input({ shape: [4, 4, 2], name: 'image' });
    const conv = layers.conv2d({ name: 'conv', filters: 2, kernelSize: 1 });
    const y = conv.apply(conv.apply(x)) as SymbolicTensor;
    const again = await importKeras(await exportKeras(model({ inputs: x, outputs: y })));
    expect(again.layers.map(({ name }) => name)).toEqual(['image', 'conv']);
    const odd = layers.activation({ activation: 'hardSigmoid', name: 'gate' }).apply(x) as SymbolicTensor;
    await expect(exportKeras(model({ inputs: x, outputs: odd }))).rejects.toThrow(
      'exportKeras: gate: Keras must have the same activation. Received: hardSigmoid.',
    );
    const noisy = layers.gaussianNoise({ stddev: 1, name: 'noisy' }).apply(x) as SymbolicTensor;
    await expect(exportKeras(model({ inputs: x, outputs: noisy }))).rejects.toThrow(
      /^exportKeras: noisy: layers of class GaussianNoise have no equivalent in Keras/,
    );
  });
});

describe('HDF5', () => {
  it('comes back, also with more datasets in a group than one node of its tree holds', () => {
    const one = (i: number) => ({ shape: [2], data: Float32Array.of(i, -i) });
    const datasets = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`group/l_${i}/vars/0`, one(i)]));
    const all = {
      ...datasets,
      scalar: { shape: [], data: Float32Array.of(5) },
      none: { shape: [0, 3], data: new Float32Array(0) },
    };
    const back = readHdf5(writeHdf5(all));
    expect(Object.fromEntries(back)).toEqual(all);
  });

  it('damaged, is an error that says so, or other numbers', () => {
    const bytes = readZip(fixture('functional.keras')).get('model.weights.h5')!;
    for (let i = 0; i < 400; i++) {
      const at = (i * 7919) % bytes.length;
      const broken = i % 4 === 0 ? bytes.slice(0, at) : bytes.slice().fill((i * 31) % 256, at, at + 1);
      try {
        readHdf5(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toMatch(/^readHdf5: /);
      }
    }
  });
});
