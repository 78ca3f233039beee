import { expect, it } from 'vitest';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { importKeras, writeSafetensors } from 'poseblocks/interop';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { hrnet, keypointRcnn, lpn, stackedHourglass } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { setBackend } from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';

// No engine runs in this file until the last test: tfjs itself would say "No backend found in registry".
const MESSAGE = /: await useEngine\('auto'\) must come first\. Received: no engine\./;

const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16] });
const { persons, readImage } = syntheticPeople({ seed: 1, count: 1 });

it.each<[string, () => unknown]>([
  ['lpn', () => lpn('lpn-50', { inputShape: [64, 48, 3], keypoints: 17 })],
  ['hrnet', () => hrnet('hrnet-w32', { inputShape: [64, 64, 3], keypoints: 17 })],
  ['stackedHourglass', () => stackedHourglass({ inputShape: [64, 64, 3] })],
  ['keypointRcnn', () => keypointRcnn()],
  ['encodeBatch', () => codec.encodeBatch([{ frame: 'input', xy: new Float32Array(34), score: new Float32Array(17) }])],
])('%s says what to call first', (_, build) => {
  expect(build).toThrow(MESSAGE);
});

it('so do a pose model and a loop over batches', async () => {
  await expect(loadPoseModelFile('weights/synthetic-small.safetensors')).rejects.toThrow(MESSAGE);
  const first = async (): Promise<unknown> => topDown({ persons, readImage, codec })[Symbol.asyncIterator]().next();
  await expect(first()).rejects.toThrow(MESSAGE);
});

it('files that are no models are still named for what they are', async () => {
  await expect(importKeras(writeSafetensors({}))).rejects.toThrow('importKeras');
});

it('passes with an engine, and with a backend that was set without useEngine', async () => {
  await useEngine('cpu');
  expect(await setBackend('cpu')).toBe(true);
  const network = lpn('lpn-50', {
    inputShape: [64, 48, 3],
    keypoints: 17,
    depths: [1, 1, 1, 1],
    initialization: 'none',
  });
  expect(network.outputShape).toEqual([null, 16, 12, 17]);
  network.dispose();
});
