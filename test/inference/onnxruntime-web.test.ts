import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx, loadStateDict, stateDict } from 'poseblocks/interop';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { noChromium, launchChromium } from '../support/chromium';
import { bundleForBrowser, servePage } from '../support/page-server';
import { proceduralWeight } from '../support/procedural';
import { samePeople } from './browser/same-people';

let onnx: Uint8Array;
let expected: number[];
beforeAll(async () => {
  await useEngine('cpu');
  const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], initialization: 'none' });
  const shapes = Object.entries(await stateDict(network));
  loadStateDict(network, Object.fromEntries(shapes.map(([key, { shape }]) => [key, proceduralWeight(key, shape)])));
  onnx = await exportOnnx(network);
  network.dispose();
  expected = await samePeople(onnx, 'node');
});

function expectSame(actual: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.length).toBeGreaterThan(0);
  // Pixels of the photograph; between 1e-5, a step of float32 there, and 1e-4 were measured in Node and in Chromium.
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!), `number ${i}`).toBeLessThan(5e-4));
}

describe('onnxruntime-web finds the people of onnxruntime-node', () => {
  it('in Node', async () => expectSame(await samePeople(onnx, 'web')));

  describeWhere('in headless Chromium', noChromium, () => {
    it('too', async () => {
      const server = await servePage(await bundleForBrowser('test/inference/browser/page.ts'));
      const browser = await launchChromium('wasm');
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(server.url);
        await page.waitForFunction(() => 'runOnnx' in globalThis);
        const run = (base64: string) =>
          (globalThis as unknown as { runOnnx(base64: string): Promise<number[]> }).runOnnx(base64);
        const evaluated = await page.evaluate(run, Buffer.from(onnx).toString('base64'));
        expect(errors).toEqual([]);
        expectSame(evaluated);
      } finally {
        await browser.close();
        await server.close();
      }
    });
  });

  it('refuses bytes that are no ONNX file, and heatmaps of another size', async () => {
    const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [24, 32] });
    await expect(createEstimator({ onnx: new Uint8Array(64), runtime: 'web' }, { codec })).rejects.toThrow(
      'createEstimator: onnx must be a complete ONNX file. Received: 64 bytes',
    );
    // What a page gets that does not serve the runtime's files.
    const create = (): Promise<object> => Promise.reject(new Error('no available backend found. ERR: [wasm] TypeError: Failed to fetch.')); // prettier-ignore
    const runtime = { InferenceSession: { create }, Tensor: Object };
    await expect(createEstimator({ onnx, runtime }, { codec })).rejects.toThrow(
      'createEstimator: onnxruntime must find its WebAssembly files. Received: no available backend found. ERR: [wasm] TypeError: Failed to fetch. Serve its .wasm',
    );
    const estimator = await createEstimator({ onnx, runtime: 'web' }, { codec });
    const image = { width: 8, height: 8, data: new Uint8Array(192) };
    await expect(estimator.estimate(image, [[0, 0, 8, 8]])).rejects.toThrow(
      'createEstimator: heatmaps must be [32, 24, K] for each person. Received: [16, 12, 17]. For an ONNX file: export it',
    );
    await estimator.dispose();
  });
});
