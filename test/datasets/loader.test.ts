import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatasetError, syntheticPeople, topDown, type Person, type Skip } from 'poseblocks/datasets';
import { imageFolder, topDownLoader, type TopDownLoader, type TopDownLoaderOptions } from 'poseblocks/datasets/node';
import { COCO } from 'poseblocks/keypoints';
import { cpnCodec, epochScale, gaussianCodec, integralCodec, simccCodec, type AnyCodec } from 'poseblocks/targets';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'poseblocks-loader-'));
const { persons, images } = syntheticPeople({ seed: 4, count: 22, imageSize: [64, 64] });
const codec = gaussianCodec({ inputSize: [24, 32], heatmapSize: [12, 16], sigma: 1 });
const common = {
  persons,
  codec,
  images: folder,
  batchSize: 4,
  seed: 3,
  augment: { keypointSet: COCO, color: 0.2, cutout: 0.5 },
} as const;

/** Everything a batch holds, as text that shows each bit. */
async function bits(batch: {
  images: tf.Tensor;
  target: tf.Tensor | tf.Tensor[];
  weights: tf.Tensor;
  samples: readonly Person[];
}) {
  const tensors = [batch.images, batch.target, batch.weights].flat();
  const values = await Promise.all(tensors.map(async (t) => Buffer.from((await t.data()).buffer).toString('base64')));
  tf.dispose(tensors);
  return [batch.samples.map(({ id }) => id), tensors.map(({ shape }) => shape), values];
}

/** The batches of an epoch of a loader, which is closed unless it is kept. */
async function read<C extends AnyCodec>(
  loader: TopDownLoader<C>,
  { epoch = 1, from = 0, until = Infinity, keep = false } = {},
): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const batch of loader.epoch(epoch, from)) {
      seen.push(await bits(batch as Parameters<typeof bits>[0]));
      if (seen.length >= until) break;
    }
  } finally {
    if (!keep) await loader.close();
  }
  return seen;
}
const all = <C extends AnyCodec>(options: TopDownLoaderOptions<C>): Promise<unknown[]> => read(topDownLoader(options));

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const [i, { width, height, data }] of images.entries()) {
    const file = join(folder, persons.find(({ imageId }) => imageId === i)?.fileName ?? `${i}.png`);
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    await (i % 2 === 0 ? image.png() : image.jpeg()).toFile(file);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('topDownLoader', () => {
  it('gives the same bits with 1, 2 and 4 workers, after a restart in mid-epoch, and as topDown does', async () => {
    const loader = topDownLoader({ ...common, workers: 1 });
    const one = await read(loader, { keep: true });
    expect(one.length).toBe(Math.ceil(persons.length / 4));
    const begun = await read(topDownLoader({ ...common, workers: 2 }), { until: 2 });
    expect([...begun, ...(await read(loader, { from: 2, keep: true }))]).toEqual(one);
    expect(await read(loader, { epoch: 2 })).not.toEqual(one);
    expect(await all({ ...common, workers: 2 })).toEqual(one);
    expect(await all({ ...common, workers: 4, prefetch: 3 })).toEqual(one);
    const { images: _, ...rest } = common;
    const plain: unknown[] = [];
    for await (const batch of topDown({ ...rest, readImage: imageFolder(folder), epoch: 1 })) {
      const { target: heatmaps, weights } = codec.encodeBatch(batch.people);
      plain.push(await bits({ ...batch, target: heatmaps, weights }));
    }
    expect(one).toEqual(plain);
    await tf.setBackend('wasm');
    expect(await all({ ...common, workers: 1 })).toEqual(one);
    await tf.setBackend('cpu');
  });

  it('leaves out and reports images that are missing, damaged or no images', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'poseblocks-broken-'));
    cpSync(folder, broken, { recursive: true });
    const [a, b, c] = [0, 1, 2].map((i) => `synthetic-4-00000${i}.png`) as [string, string, string];
    rmSync(join(broken, a));
    writeFileSync(join(broken, b), 'no image');
    const red = sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } });
    const bytes = await red.jpeg().toBuffer();
    writeFileSync(join(broken, c), bytes.subarray(0, bytes.length / 2));
    const skipped: Skip[] = [];
    const options = { ...common, images: broken, workers: 1, onSkip: (skip: Skip) => skipped.push(skip) };
    const batches = await all(options);
    const lost = persons.filter(({ fileName }) => [a, b, c].includes(fileName)).map(({ id }) => id);
    expect(lost.length).toBeGreaterThanOrEqual(3);
    expect(skipped.map(({ id }) => id).sort()).toEqual([...lost].sort());
    expect(skipped.every(({ detail, fileName }) => detail.includes(fileName))).toBe(true);
    const seen = batches.flatMap((batch) => (batch as [number[]])[0]);
    expect(seen.sort()).toEqual(persons.map(({ id }) => id).filter((id) => !lost.includes(id)).sort()); // prettier-ignore
    await expect(all({ ...options, images: join(broken, 'none') })).rejects.toThrow(DatasetError);
    rmSync(broken, { recursive: true });
  });

  it('reads images through a module, and survives a reader that never ends or throws anything', async () => {
    const module = new URL('./loader/slow-images.mjs', import.meta.url);
    const skipped: Skip[] = [];
    const options = { ...common, images: module, workers: 1, readTimeout: 200 };
    const batches = await all({ ...options, onSkip: (skip: Skip) => skipped.push(skip) });
    const seen = batches.flatMap((batch) => (batch as [number[]])[0]);
    expect(seen.length + skipped.length).toBe(persons.length);
    const details = new Set(skipped.map(({ fileName, detail }) => `${fileName}: ${detail}`));
    expect([...details].sort()).toEqual([
      'synthetic-4-000001.png: must be read within 200 ms.',
      'synthetic-4-000002.png: thrown text',
    ]);
  });

  it('ends the loop when a worker ends, and goes on with another in the next', async () => {
    const loader = topDownLoader({
      ...common,
      persons: persons.map((person) => ({ ...person, fileName: 'end' })),
      images: new URL('./loader/slow-images.mjs', import.meta.url),
      workers: 1,
    });
    for (let i = 0; i < 2; i++) {
      const loop = async (): Promise<void> => {
        for await (const batch of loader.epoch(0, 0)) tf.dispose([batch.images, batch.target, batch.weights]);
      };
      await expect(loop()).rejects.toThrow('topDownLoader: a worker ended with code 3.');
    }
    await loader.close();
  });

  it('makes at most prefetch batches ahead', async () => {
    const channel = new BroadcastChannel('images-read');
    let begun = 0;
    channel.onmessage = () => begun++;
    const loader = topDownLoader({
      ...common,
      images: new URL('./loader/counted-images.mjs', import.meta.url),
      batchSize: 1,
      workers: 2,
      prefetch: 3,
    });
    const iterator = loader.epoch(0, 0)[Symbol.asyncIterator]();
    for (let taken = 1; taken <= 4; taken++) {
      const { value } = (await iterator.next()) as { value: { images: tf.Tensor4D } };
      value.images.dispose();
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(begun).toBe(taken + 3);
    }
    await iterator.return?.();
    await loader.close();
    channel.close();
  });

  it('is cancelled by a signal while it waits, by leaving the loop, and by close', async () => {
    const controller = new AbortController();
    const slow = { ...common, images: new URL('./loader/slow-images.mjs', import.meta.url), workers: 1 };
    const waiting = all({
      ...slow,
      persons: persons.map((person) => ({ ...person, fileName: 'never' })),
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(waiting).rejects.toThrow('enough');
    await expect(all({ ...slow, signal: controller.signal })).rejects.toThrow('enough');
    const before = tf.memory().numTensors;
    expect((await read(topDownLoader({ ...common, workers: 1 }), { until: 1 })).length).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
    const loader = topDownLoader(common);
    await loader.close();
    await expect(loader.epoch(0, 0)[Symbol.asyncIterator]().next()).rejects.toThrow('must not be used after close()');
  });

  it('draws the target of any codec, and of each epoch', async () => {
    const simcc = simccCodec({ inputSize: [24, 32] });
    const [[, shapes]] = (await all({ ...common, codec: simcc, workers: 1 })) as [[unknown, number[][]]];
    expect(shapes).toEqual([[4, 32, 24, 3], [4, 17, 48], [4, 17, 64], [4, 17]]); // prettier-ignore
    const integral = integralCodec({ inputSize: [24, 32], heatmapSize: [12, 16] });
    const [[, cells]] = (await all({ ...common, codec: integral, workers: 1 })) as [[unknown, number[][]]];
    expect(cells).toEqual([[4, 32, 24, 3], [4, 17, 2], [4, 17]]); // prettier-ignore
    const cpn = topDownLoader({ ...common, workers: 1, codec: cpnCodec({ inputSize: [24, 32], heatmapSize: [6, 8], kernels: [3] }) }); // prettier-ignore
    for await (const batch of cpn.epoch(0, 0)) {
      expect(batch.target.map(({ shape }) => shape)).toEqual([[4, 8, 6, 17]]); // a list of one level is a list
      tf.dispose([batch.images, batch.target, batch.weights]);
      break;
    }
    await cpn.close();
    const factor = epochScale();
    const loader = topDownLoader({ ...common, workers: 1, codec: (epoch) => codec.withFactor(factor(epoch)) });
    for (const [epoch, peak] of [
      [0, 100],
      [3, 25],
    ] as const) {
      // prettier-ignore
      for await (const { images: crops, target, weights } of loader.epoch(epoch, 0)) {
        const highest = tf.tidy(() => tf.max(target));
        expect((await highest.data())[0]).toBe(peak);
        tf.dispose([crops, target, weights, highest]);
        break;
      }
    }
    await loader.close();
  });

  it('rejects what cannot be used', () => {
    expect(() => topDownLoader({ ...common, workers: 0 })).toThrow('workers must be a positive integer. Received: 0.');
    expect(() => topDownLoader({ ...common, prefetch: 1.5 })).toThrow('prefetch must be a positive integer');
    const own = gaussianCodec({ inputSize: [24, 32], heatmapSize: [12, 16], refine: () => ({ xy: new Float32Array(), score: new Float32Array() }) }); // prettier-ignore
    expect(() => topDownLoader({ ...common, codec: own })).toThrow('a function of your own');
  });
});
