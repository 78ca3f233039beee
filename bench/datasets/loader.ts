/**
 * Samples per second of `topDownLoader` with one worker and with two, in turns: JPEG files of 640×480, crops of 192×256
 * with augmentation, heatmaps of 48×64. An epoch before the timed ones starts the threads.
 * Usage: npx tsx bench/datasets/loader.ts [ROUNDS] [PERSONS]
 *
 * At least 0.9 of twice one worker's rate was wanted. On two cores it is 0.63 to 0.79: sharp hands each image to a thread of libuv, on to libvips'
 * and back, in pools that both workers share, and a trace of the scheduler shows 0.37 of a core idle while a thread that could run waits for the
 * other core. Two processes scale to 0.97, and workers whose images are decoded in their own thread to 0.90.
 */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticPeople } from 'poseblocks/datasets';
import { topDownLoader } from 'poseblocks/datasets/node';
import { COCO } from 'poseblocks/keypoints';
import { gaussianCodec } from 'poseblocks/targets';
import sharp from 'sharp';
import { median, record } from '../measure';

const [rounds = 5, count = 512] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'poseblocks-loader-'));
await tf.setBackend('wasm');
const { persons: drawn, images } = syntheticPeople({ seed: 1, count: 32, imageSize: [640, 480] });
for (const [i, { data, width, height }] of images.entries()) {
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(join(folder, `${i}.jpg`));
}
const persons = Array.from({ length: count }, (_, id) => {
  const person = drawn[id % drawn.length]!;
  return { ...person, id, fileName: `${person.imageId}.jpg` };
});
const codec = gaussianCodec({ inputSize: [192, 256], heatmapSize: [48, 64] });
const options = { persons, codec, images: folder, batchSize: 16, seed: 1, augment: { keypointSet: COCO } };
const loaders = [1, 2].map((workers) => ({ workers, loader: topDownLoader({ ...options, workers }) }));

async function rate({ loader }: (typeof loaders)[number], epoch: number): Promise<[rate: number, cores: number]> {
  const begun = performance.now();
  const before = process.cpuUsage();
  let seen = 0;
  for await (const { images: crops, target, weights } of loader.epoch(epoch, 0)) {
    tf.dispose([crops, target, weights]);
    seen += crops.shape[0];
  }
  const elapsed = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  return [(1000 * seen) / elapsed, (user + system) / 1000 / elapsed];
}

for (const each of loaders) await rate(each, 0);
const runs: [one: [number, number], two: [number, number]][] = [];
for (let round = 1; round <= rounds; round++) {
  runs.push([await rate(loaders[0]!, round), await rate(loaders[1]!, round)]);
}
for (const { loader } of loaders) await loader.close();
rmSync(folder, { recursive: true });
const of = (workers: 0 | 1, what: 0 | 1): number => median(runs.map((run) => run[workers][what]));
const row = {
  one_worker_per_s: of(0, 0).toFixed(0),
  two_workers_per_s: of(1, 0).toFixed(0),
  share_of_twice_one: median(runs.map(([one, two]) => two[0] / one[0] / 2)).toFixed(3),
  cores_with_one: of(0, 1).toFixed(2),
  cores_with_two: of(1, 1).toFixed(2),
  peak_mib: (process.resourceUsage().maxRSS / 1024).toFixed(0),
};
record('loader', [row]);
console.log(row);
