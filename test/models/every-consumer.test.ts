import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { topDownLoader } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { compilePose, createEstimator } from 'poseblocks/inference';
import { COCO } from 'poseblocks/keypoints';
import { poseModel } from 'poseblocks/models';
import { adam, fit, overfit, predictPeople, standardGuards, validatePck, withTargets } from 'poseblocks/training';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOINTS } from '../support/joints';

/** Each codec before everyone who takes one. What is saved and loaded, and ONNX Runtime, are in pose-model.test.ts. */
describe.each(JOINTS)('$name', ({ build, codec, loss }) => {
  const { persons, images, readImage } = syntheticPeople({ seed: 6, count: 6, imageSize: [96, 96] });
  const folder = mkdtempSync(join(tmpdir(), 'poseblocks-joints-'));
  const source = { persons, codec, batchSize: 3, seed: 2, augment: { keypointSet: COCO, color: 0.2 } } as const;

  beforeAll(async () => {
    await useEngine('wasm');
    const names = new Map(persons.map(({ imageId, fileName }) => [imageId, fileName]));
    for (const [id, fileName] of names) {
      const { width, height, data } = images[id]!;
      writeFileSync(join(folder, fileName), await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer()); // prettier-ignore
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const values = (tensors: unknown): Promise<Float32Array[]> =>
    Promise.all([tensors as tf.Tensor | tf.Tensor[]].flat().map(async (each) => (await each.data()) as Float32Array));

  const bits = async (tensors: tf.Tensor[]): Promise<Buffer> =>
    Buffer.concat((await values(tensors)).map((data) => Buffer.from(data.slice().buffer)));
  const iterate = <B>(batches: AsyncIterable<B> | Iterable<B>): AsyncIterator<B> =>
    (async function* () {
      yield* batches;
    })();

  it('is drawn alike by the loader, by withTargets and by hand', async () => {
    const loader = topDownLoader({ ...source, images: folder, workers: 1 });
    const byLoader = iterate(loader.epoch(1, 0));
    const crops = topDown({ ...source, readImage, epoch: 1 });
    const byWrapper = iterate(withTargets(() => crops, codec)(1, 0));
    try {
      for await (const { images: pixels, people } of crops) {
        const { target, weights } = codec.encodeBatch(people);
        const [drawn, wrapped] = [(await byLoader.next()).value!, (await byWrapper.next()).value!];
        const wanted = await values([pixels, target, weights].flat());
        expect(wanted[2]!.some((v) => v !== 0)).toBe(true);
        expect(await values([drawn.images, drawn.target as tf.Tensor, drawn.weights].flat())).toEqual(wanted);
        expect(await values([wrapped.images, wrapped.target as tf.Tensor, wrapped.weights].flat())).toEqual(wanted);
        tf.dispose([pixels, target, weights, drawn.images, drawn.target, drawn.weights, wrapped.images, wrapped.target, wrapped.weights] as tf.Tensor[]); // prettier-ignore
      }
    } finally {
      await loader.close();
    }
  });

  it('trains through the loader, with guards and a validation with flip test', async () => {
    const network = build();
    const model = poseModel({ network, codec, keypointSet: COCO });
    const loader = topDownLoader({ persons, codec, images: folder, batchSize: 6, workers: 1 });
    const before = tf.memory().numTensors;
    const optimizer = adam(5e-4);
    try {
      const { history } = await fit(model, {
        epochs: 6,
        optimizer,
        loss,
        batches: loader.epoch,
        callbacks: standardGuards({ codec, keypointSet: COCO }),
        validate: validatePck({ batches: () => topDown({ persons, readImage, codec }), codec, flip: COCO }),
        monitor: 'PCK',
      });
      expect(history.length).toBe(6);
      const losses = history.map((epoch) => epoch.loss);
      expect(Math.min(...losses.slice(1))).toBeLessThan(losses[0]!);
      expect(history.every(({ metrics }) => metrics['PCK']! >= 0 && metrics['PCK']! <= 1)).toBe(true);
    } finally {
      await loader.close();
    }
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('is put to the self-test, whose report has a peak a keypoint where the codec has heatmaps', async () => {
    const network = build();
    const before = await bits(network.getWeights());
    const batch = (await iterate(withTargets(() => topDown({ ...source, readImage }), codec)(0, 0)).next()).value;
    const {
      passed,
      loss: left,
      peaks,
      steps,
    } = await overfit(network, batch!, { codec, loss, steps: 2, everySteps: 2 });
    expect([passed, steps]).toEqual([false, 2]);
    expect(left).toBeGreaterThan(0.1);
    expect(peaks.length).toBe(codec.heatmaps && codec.targetHeatmaps ? 17 : 0);
    expect((await bits(network.getWeights())).equals(before)).toBe(true);
    network.dispose();
  });

  it('finds the same keypoints in validation, compiled, and from photographs', async () => {
    const network = build();
    const model = poseModel({ network, codec, keypointSet: COCO });
    for (const flipTest of [false, true]) {
      const crops = (): ReturnType<typeof topDown> => topDown({ persons, readImage, codec, batchSize: 6 });
      const validated = await predictPeople(network, { batches: crops, codec, ...(flipTest && { flip: COCO }) });
      const compiled = await compilePose(model, { flipTest });
      const estimator = await createEstimator(model, { flipTest });
      for await (const { images: pixels, crops: places, samples } of crops()) {
        const found = await compiled(pixels);
        pixels.dispose();
        for (const [n, person] of samples.entries()) {
          const [seen] = await estimator.estimate(readImage(person), [person.box]);
          const wanted = validated[n]!.keypoints;
          const apart = (other: Float32Array): number => Math.max(...wanted.xy.map((v, i) => Math.abs(v - other[i]!)));
          expect(apart(places[n]!.toImage(found[n]!).xy)).toBeLessThan(0.05);
          expect(apart(seen!.xy)).toBeLessThan(0.05);
        }
      }
      compiled.dispose();
      await estimator.dispose();
    }
    network.dispose();
  });
});
