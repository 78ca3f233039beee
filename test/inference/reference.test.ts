import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { useEngine } from 'poseblocks/engines';
import { compile } from 'poseblocks/inference';
import { exportOnnx, loadStateDict, readOnnx, readSafetensors, stateDict, writeSafetensors } from 'poseblocks/interop';
import { COCO, keypointSet } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { codecFromJSON, gaussianCodec } from 'poseblocks/targets';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { referenceExport } from '../support/fixtures';
import { referenceState } from '../support/reference-onnx';

const { folder, absent } = referenceExport();
const floats = (name: string): Float32Array => {
  const bytes = readFileSync(`${folder}/${name}`);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

beforeAll(() => useEngine('wasm'));

describeWhere('PyTorch’s own export of LPN-50', absent, () => {
  it('read back into our network, gives its outputs: as layers, compiled and exported again', async () => {
    const network = lpn('lpn-50', { initialization: 'none' });
    loadStateDict(network, referenceState(readFileSync(`${folder}/lpn50-reference.onnx`)));
    const expected = floats('lpn50-reference-output.bin');
    const mean = expected.reduce((a, b) => a + b, 0) / expected.length;
    const allowed = 1e-4 * Math.sqrt(expected.reduce((a, b) => a + (b - mean) ** 2, 0) / expected.length);
    const expectSame = (actual: ArrayLike<number>, what: string): void => {
      expect(actual.length).toBe(expected.length);
      for (let i = 0; i < expected.length; i++) {
        if (!(Math.abs(actual[i]! - expected[i]!) <= allowed))
          expect.fail(`${what}, element ${i}: ${actual[i]}, expected ${expected[i]}`);
      }
    };
    const pixels = floats('lpn50-reference-input.bin');
    const images = tf.tensor4d(pixels, [1, 256, 192, 3]);
    const run = await compile(network);
    const [layers, compiled] = [network.predict(images) as tf.Tensor, run(images) as tf.Tensor];
    expectSame(await layers.data(), 'layers');
    expectSame(await compiled.data(), 'compiled');
    const session = await InferenceSession.create(await exportOnnx(network));
    const { final_layer: heatmaps } = await session.run({ image: new Tensor('float32', pixels, [1, 256, 192, 3]) });
    expectSame(heatmaps!.data as Float32Array, 'exported');
    await session.release();
    // Weights rounded to float16 and back.
    const halves = writeSafetensors(await stateDict(network), { dtype: 'float16' });
    loadStateDict(network, readSafetensors(halves));
    const rounded = network.predict(images) as tf.Tensor;
    const values = (await rounded.data()) as Float32Array;
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(worst).toBeGreaterThan(allowed);
    expect(worst / (1e4 * allowed), 'in standard deviations').toBeLessThan(0.01);
    tf.dispose([images, layers, compiled, rounded]);
    run.dispose();
    network.dispose();
  });
});

describe('an exported file', () => {
  const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], refine: softArgmaxDecoder({ beta: 160 }) });
  const small = () => lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], initialization: 'torch' });

  it('tells how its heatmaps are decoded', async () => {
    const network = small();
    const { metadata } = readOnnx(await exportOnnx(network, { metadata: { codec, keypointSet: COCO } }));
    expect(codecFromJSON(JSON.parse(metadata['poseblocks.codec']!)).toJSON()).toEqual(codec.toJSON());
    expect(keypointSet(JSON.parse(metadata['poseblocks.keypointSet']!))).toEqual(COCO);
    expect(JSON.parse(metadata['poseblocks.includes']!)).toEqual({
      normalization: false,
      decode: false,
      layout: 'nhwc',
    });
    network.dispose();
  });

  it('with float16 weights is half as large, and its outputs are a few thousandths of their deviation away', async () => {
    const network = small();
    const [full, half] = [await exportOnnx(network), await exportOnnx(network, { weights: 'float16' })];
    expect(half.length).toBeLessThan(0.55 * full.length);
    const image = new Tensor(
      'float32',
      Float32Array.from({ length: 64 * 48 * 3 }, (_, i) => Math.sin(i)),
      [1, 64, 48, 3],
    );
    const outputs: Float32Array[] = [];
    for (const bytes of [full, half]) {
      const session = await InferenceSession.create(bytes);
      outputs.push((await session.run({ image }))['final_layer']!.data as Float32Array);
      await session.release();
    }
    const [a, b] = outputs as [Float32Array, Float32Array];
    const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
    const deviation = Math.sqrt(a.reduce((sum, value) => sum + (value - mean) ** 2, 0) / a.length);
    const worst = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
    expect(worst).toBeGreaterThan(0);
    expect(worst / deviation).toBeLessThan(0.01);
    network.dispose();
  });

  it('refuses an opset that is not there, and what is no file', async () => {
    const network = small();
    await expect(exportOnnx(network, { opset: 9 })).rejects.toThrow(
      'exportOnnx: opset must be an integer from 17 to 21. Received: 9.',
    );
    expect(() => readOnnx(new Uint8Array(100))).toThrow(RangeError);
    network.dispose();
  });
});
