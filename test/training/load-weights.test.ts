import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from 'poseblocks/engines';
import { exportKeras, exportOnnx, stateDict, writePth, writeSafetensors } from 'poseblocks/interop';
import { COCO, LSP } from 'poseblocks/keypoints';
import { poseModel, savePoseModel } from 'poseblocks/models';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { loadWeights } from 'poseblocks/training';

const build = (seed: number): LayersModel => lpn('lpn-50', { inputShape: [64, 64, 3], depths: [1, 1, 1, 1], seed });
beforeAll(() => useEngine('wasm').then(() => undefined));

const codec = gaussianCodec({ inputSize: [64, 64], heatmapSize: [16, 16], sigma: 2 });
const forms: [string, (network: LayersModel) => Promise<Uint8Array>, readonly string[]][] = [
  ['pose model', (network) => savePoseModel(poseModel({ network, codec, keypointSet: COCO })), []],
  ['safetensors', async (network) => writeSafetensors(await stateDict(network)), []],
  ['pth', async (network) => writePth(await stateDict(network)), []],
  ['keras', exportKeras, []],
  [
    'pth of data-parallel training',
    async (network) => writePth(Object.fromEntries(Object.entries(await stateDict(network)).map(([name, value]) => [`module.${name}`, value]))), // prettier-ignore
    ['module.'],
  ],
];

describe('loadWeights', () => {
  it.each(forms)('begins with a %s', async (_, write, prefixes) => {
    const [from, to] = [build(1), build(2)];
    try {
      const bytes = await write(from);
      const report = await loadWeights(to, bytes, 'weights');
      expect([report.missing, report.prefixes]).toEqual([[], prefixes]);
      const [expected, found] = [await stateDict(from), await stateDict(to)];
      for (const name of ['conv1.weight', 'layer2.0.bn1.running_var', 'final_layer.bias'])
        expect(found[name]!.data).toEqual(expected[name]!.data);
    } finally {
      from.dispose();
      to.dispose();
    }
  });

  it('keeps the channels of keypoints of the same names in a head for another set', async () => {
    const from = lpn('lpn-50', { inputShape: [64, 64, 3], depths: [1, 1, 1, 1], keypoints: 14, seed: 1 });
    const to = build(2);
    const before = await stateDict(to);
    const bytes = await savePoseModel(poseModel({ network: from, codec, keypointSet: LSP }));
    const report = await loadWeights(to, bytes, 'weights', { keypointSet: COCO });
    expect(report).toMatchObject({ matched: ['final_layer.weight', 'final_layer.bias'], missing: [], mismatched: [] });
    const [expected, found] = [await stateDict(from), await stateDict(to)];
    expect(found['conv1.weight']).toEqual(expected['conv1.weight']);
    for (const name of report.matched) {
      const size = found[name]!.data.length / 17;
      const channel = ({ data }: { data: Float32Array }, k: number): Float32Array =>
        data.slice(k * size, (k + 1) * size);
      for (const [k, keypoint] of COCO.names.entries()) {
        const old = LSP.names.indexOf(keypoint);
        const wanted = old < 0 ? channel(before[name]!, k) : channel(expected[name]!, old);
        expect(channel(found[name]!, k), `${name} of ${keypoint}`).toEqual(wanted);
      }
    }
    from.dispose();
    to.dispose();
  });

  it('refuses an ONNX file in which normalisations are folded, whose filters would be wrong', async () => {
    const [from, to] = [build(1), build(2)];
    try {
      const before = (await stateDict(to))['conv1.weight'];
      await expect(loadWeights(to, await exportOnnx(from), 'small.onnx')).rejects.toThrow(
        "small.onnx: must have the network's normalisations as separate layers.",
      );
      expect((await stateDict(to))['conv1.weight']).toEqual(before);
    } finally {
      from.dispose();
      to.dispose();
    }
  });

  it('refuses what is no file of weights, and one of which nothing fits', async () => {
    const network = build(1);
    const before = tf.memory().numTensors;
    await expect(loadWeights(network, new TextEncoder().encode('weights, truly'), 'w.txt')).rejects.toThrow(
      'w.txt: must be weights: a pose model or checkpoint, .safetensors, .pth, .keras or .onnx. Received: 14 bytes',
    );
    const other = writePth({ other: { shape: [2], data: Float32Array.of(1, 2) } });
    await expect(loadWeights(network, other, 'other.pth')).rejects.toThrow('other.pth: loadStateDict: a key of the checkpoint must be'); // prettier-ignore
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});
