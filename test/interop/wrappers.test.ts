import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel } from '@tensorflow/tfjs-layers';
import { batchNorm, chain, conv } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { loadStateDict, readPth, stateDict, type LoadOptions, type StateTensor } from 'poseblocks/interop';
import { hourglassNet, hrnet, simpleBaseline, stackedHourglass } from 'poseblocks/networks';
import { outputsOf } from '../support/network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/interop/wrappers/${name}.pth`, import.meta.url)));

/** The small network of `write_wrappers.py`. */
function small(): LayersModel {
  const image = input({ shape: [8, 8, 3] });
  const block = chain({ conv1: conv({ filters: 4, kernelSize: 3 }), bn1: batchNorm() });
  const deconv = (name: string) => layers.conv2dTranspose({ name, filters: 4, kernelSize: 4, strides: 2, padding: 'same', useBias: false }); // prettier-ignore
  const features = chain({
    conv1: conv({ filters: 4, kernelSize: 3, strides: 2 }),
    bn1: batchNorm(),
    layer1: chain([block, block]),
    deconv_layers: chain([(x, name) => deconv(name).apply(x) as typeof x, batchNorm()]),
    final_layer: conv({ filters: 2, kernelSize: 1, useBias: true }),
  })(image, '');
  return model({ inputs: image, outputs: features });
}

let expected: Record<string, StateTensor>;
let network: LayersModel;
beforeAll(async () => {
  await useEngine('wasm');
  network = small();
  loadStateDict(network, readPth(fixture('plain')));
  expected = await stateDict(network);
});
afterAll(() => network.dispose());

describe('checkpoints as repositories and trainers save them', () => {
  it('has the weights that torch wrote', () => {
    const plain = readPth(fixture('plain'));
    expect(Object.keys(expected)).toHaveLength(22);
    for (const [key, { shape, data }] of Object.entries(expected)) expect(plain[key]).toEqual({ shape, data });
  });

  it.each<[string, string, LoadOptions]>([
    ['plain', 'as they are', {}],
    ['nested', 'in a dictionary in a dictionary', {}],
    ['ema', "under the averaged weights' name", {}],
    ['one-other', "under a name that is no one else's", {}],
    ['legacy-2', 'in the format before ZIP', {}],
    ['legacy-4', 'in the format before ZIP, of pickle protocol 4', {}],
    ['legacy-5', 'in the format before ZIP, of pickle protocol 5, with a tensor beside them', {}],
    ['hourglass', 'of data-parallel training, with a tensor beside them', { prefix: 'module.' }],
    ['lightning', 'of PyTorch Lightning', { prefix: 'model.' }],
    ['compiled', 'of torch.compile, of data-parallel training', { prefix: '_orig_mod.module.' }],
    ['mmpose-0', 'of MMPose 0.x', { prefix: ['backbone.', 'keypoint_head.'] }],
    ['mmpose-1', 'of MMPose 1.x', { prefix: ['backbone.', 'head.'] }],
  ])('%s: %s', async (name, _, options) => {
    const tensors = readPth(fixture(name));
    const other = small();
    const { prefix } = options;
    if (prefix !== undefined) {
      const list = typeof prefix === 'string' ? `'${prefix}'` : `[${prefix.map((each) => `'${each}'`).join(', ')}]`;
      expect(() => loadStateDict(other, tensors)).toThrow(`Pass { prefix: ${list} }, with which they are.`);
      expect(() => loadStateDict(other, tensors, { strict: false })).toThrow(`Pass { prefix: ${list} }`);
    }
    expect(loadStateDict(other, tensors, options)).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
    expect(await stateDict(other)).toEqual(expected);
    other.dispose();
  });

  it('takes a path to the weights', () => {
    expect(readPth(fixture('nested'), { key: 'model.state_dict' })).toEqual(readPth(fixture('plain')));
    expect(() => readPth(fixture('nested'), { key: 'model.epoch' })).toThrow('model.epoch must hold tensors');
  });

  it('says that a checkpoint is of another network, and suggests no prefix', () => {
    const tensors = { 'encoder.a.weight': { shape: [1], data: new Float32Array(1) } };
    expect(() => loadStateDict(network, tensors)).toThrow('Does it belong to another network?');
  });

  it('leaves out keys of another shape when told, and reports them', () => {
    const { ['final_layer.weight']: _, ...rest } = expected;
    const head = { 'final_layer.weight': { shape: [3, 4, 1, 1], data: new Float32Array(12) } };
    expect(() => loadStateDict(network, { ...rest, ...head })).toThrow("Pass { mismatched: 'skip' }");
    expect(loadStateDict(network, { ...rest, ...head }, { mismatched: 'skip' }).mismatched).toEqual([
      { key: 'final_layer.weight', saved: [3, 4, 1, 1], network: [2, 4, 1, 1] },
    ]);
  });
});

describe("MMPose's names of whole networks", () => {
  /** What `write_hourglass.py` got from torch for an image of sines. */
  it.each<[string, number, readonly string[]]>([
    ['mmpose-0-hourglass', 2, ['backbone.', 'keypoint_head.']],
    ['mmpose-1-hourglass', 1, ['backbone.', 'head.']],
  ])('%s: loads with the option that the message names, and gives what torch gave', async (name, stacks, prefix) => {
    const network = hourglassNet('hourglass-52', { inputShape: [32, 16, 3], keypoints: 3, stacks, widths: [4, 4, 6], depths: [1, 2, 2], features: 4, initialization: 'none' }); // prettier-ignore
    const tensors = readPth(fixture(name));
    const option = `{ prefix: [${prefix.map((each) => `'${each}'`).join(', ')}] }`;
    expect(() => loadStateDict(network, tensors)).toThrow(`Pass ${option}, with which they are.`);
    expect(loadStateDict(network, tensors, { prefix })).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
    const raw = readFileSync(new URL(`../fixtures/interop/wrappers/${name}.bin`, import.meta.url));
    const expected = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
    const x = tf.tensor4d(Float32Array.from({ length: 2 * 32 * 16 * 3 }, (_, i) => Math.sin(i)), [2, 32, 16, 3]); // prettier-ignore
    const outputs = outputsOf(network, x);
    const found = (await Promise.all(outputs.map((y) => y.data()))).flatMap((values) => [...values]);
    expect(found).toHaveLength(expected.length);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(1e-5);
    tf.dispose([x, ...outputs]);
    network.dispose();
  });

  it("says of its hourglass that it is another network than the one of bearpaw's port", () => {
    const network = stackedHourglass({ inputShape: [64, 64, 3], stacks: 1, filters: 16, depth: 2, initialization: 'none' }); // prettier-ignore
    expect(() => loadStateDict(network, readPth(fixture('mmpose-1-hourglass')))).toThrow(
      'Does it belong to another network?',
    );
    network.dispose();
  });

  it.each<[string, () => LayersModel, RegExp]>([
    ['HRNet', () => hrnet('hrnet-w32', { inputShape: [64, 64, 3], keypoints: 17, width: 4 }), /^final_layer/],
    ['SimpleBaseline', () => simpleBaseline('resnet-18', { inputShape: [32, 32, 3], keypoints: 17, deconvFilters: [8, 8, 8] }), /^(deconv_layers|final_layer)/], // prettier-ignore
  ])('%s', async (_, build, ofHead) => {
    const whole = build();
    const own = await stateDict(whole);
    const named = Object.fromEntries(
      Object.entries(own).map(([key, tensor]) => [
        `${ofHead.test(key) ? 'keypoint_head.' : 'backbone.'}${key}`,
        tensor,
      ]),
    );
    expect(() => loadStateDict(whole, named)).toThrow("Pass { prefix: ['backbone.', 'keypoint_head.'] }");
    const report = loadStateDict(whole, named, { prefix: ['backbone.', 'keypoint_head.'] });
    expect(report.loaded).toHaveLength(Object.keys(own).length);
    whole.dispose();
  });
});
