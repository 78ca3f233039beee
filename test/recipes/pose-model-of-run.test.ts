import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { poseModelOfRun } from 'poseblocks/recipes/node';
import { encodeCheckpoint, readWeights } from 'poseblocks/training';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** As `poseblocks train` 0.1 wrote it, less what nothing reads again. */
const RUN = {
  name: 'lpn-50',
  inputSize: [64, 64],
  seed: 1,
  codec: {
    codec: 'gaussian',
    inputSize: [64, 64],
    heatmapSize: [16, 16],
    sigma: 2,
    factor: 1,
    center: 'rounded',
    align: 'edges',
    truncate: 3,
    refine: { decoder: 'quarter-offset' },
  },
  keypoints: COCO.names,
};

let folder = '';
beforeAll(async () => {
  await useEngine('wasm');
  folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('opens a run of poseblocks 0.1: its network, codec and keypoint set', async () => {
  const trained = lpn('lpn-50', { inputShape: [64, 64, 3], keypoints: 17, seed: 7 });
  writeFileSync(join(folder, 'run.json'), JSON.stringify(RUN));
  // In 0.1 the value of the monitored metric was called `figure`.
  const state = { epoch: 3, figure: 0.25 };
  writeFileSync(join(folder, 'best.safetensors'), encodeCheckpoint({ tensors: await readWeights(trained), state }));
  const model = await poseModelOfRun(folder);
  expect(model.keypointSet).toBe(COCO);
  expect(model.codec.inputSize).toEqual([64, 64]);
  expect(model.provenance).toMatchObject({ recipe: 'lpn-50', metrics: { AP: 0.25 }, training: { epoch: 3 } });
  const images = tf.randomNormal<tf.Rank.R4>([1, 64, 64, 3], 0, 1, 'float32', 1);
  const outputs = [trained, model.network].map((network) => network.predict(images) as tf.Tensor);
  const [wanted, found] = await Promise.all(outputs.map((output) => output.data()));
  expect(found).toEqual(wanted);
  expect(Math.max(...wanted!)).toBeGreaterThan(0);
  tf.dispose([images, outputs]);
  trained.dispose();
  model.network.dispose();
});

it('says what is missing in a folder without a run', async () => {
  await expect(poseModelOfRun(tmpdir())).rejects.toThrow('poseModelOfRun: the folder must hold run.json of a run.');
});
