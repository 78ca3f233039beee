import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { wholeImageCrop, topDown, type Person, type RgbImage } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { LSP, type Keypoints } from 'poseblocks/keypoints';
import { BatchPckAccumulator, torsoPck } from 'poseblocks/metrics';
import { argmax } from 'poseblocks/postprocess';
import { seededRandom } from 'poseblocks/random';
import { gaussianCodec } from 'poseblocks/targets';
import { measureBatchPck, measureTorsoPck, validateBatchPck, validateTorsoPck } from 'poseblocks/training';
import { beforeAll, expect, it } from 'vitest';

const SIZE = 64;
const random = seededRandom(3);
const codec = gaussianCodec({ inputSize: [SIZE, SIZE], heatmapSize: [16, 16], sigma: 1, refine: argmax });
const persons: Person[] = Array.from({ length: 40 }, (_, id) => ({
  id,
  imageId: id,
  fileName: `${id}.png`,
  imageSize: [128, 128],
  box: [0, 0, 128, 128],
  keypoints: {
    frame: 'image',
    xy: Float32Array.from({ length: 28 }, () => random.uniform(4, 120)),
    score: new Float32Array(14).fill(2),
  },
  area: 1,
  iscrowd: false,
}));
const image: RgbImage = { width: 128, height: 128, data: new Uint8Array(3 * 128 * 128) };
const batches = () => topDown({ persons, readImage: () => image, codec, batchSize: 32, crop: wholeImageCrop() });

/** What a network finds: everybody, a few pixels off. */
const found = persons.map(({ keypoints }) => ({
  frame: 'input' as const,
  xy: keypoints.xy.map((v) => Math.min(63, Math.max(0, v / 2 + 5 * random.normal()))),
  score: keypoints.score,
}));

/** Predicts what is to be found for the persons of each batch in turn. */
function oracle(): LayersModel {
  let next = 0;
  const predict = (images: tf.Tensor4D): tf.Tensor =>
    tf.tidy(() => codec.encodeBatch(found.slice(next, (next += images.shape[0]))).target);
  return { predict } as unknown as LayersModel;
}

beforeAll(async () => void (await useEngine('cpu')));

it("measures paper 000's accuracy batch by batch, and leaks nothing", async () => {
  const expected = new BatchPckAccumulator({ heatmapSize: [16, 16] });
  const cells = (people: readonly Keypoints<'input'>[]) =>
    people.map((person) => {
      const { heatmaps, shape } = codec.encode(person);
      return { ...person, xy: argmax({ heatmaps, shape }).xy };
    });
  const truth = persons.map(({ keypoints }) => ({
    ...keypoints,
    frame: 'input' as const,
    xy: keypoints.xy.map((v) => v / 2),
  }));
  for (const [from, to] of [
    [0, 32],
    [32, 40],
  ] as const) {
    expected.add(cells(found.slice(from, to)), cells(truth.slice(from, to)));
  }
  const before = tf.memory().numTensors;
  const figures = await measureBatchPck(oracle(), { batches, codec });
  expect(tf.memory().numTensors).toBe(before);
  expect(figures).toEqual(expected.metrics());
  expect(figures.mean).toBeGreaterThan(0.05);
  expect(figures.mean).toBeLessThan(0.95);
  expect(await validateBatchPck({ batches, codec })(oracle())).toEqual({ PCK: figures.mean });
});

it('measures PCK by the torso in pixels of the images', async () => {
  const before = tf.memory().numTensors;
  const figures = await measureTorsoPck(oracle(), { batches, codec });
  expect(tf.memory().numTensors).toBe(before);
  const decoded = codec.encodeBatch(found);
  const people = (await codec.decodeBatch(decoded.target)).map((person) => ({
    ...person,
    frame: 'image' as const,
    xy: person.xy.map((v) => 2 * v),
  }));
  tf.dispose([decoded.target, decoded.weights]);
  expect(figures).toEqual(torsoPck(people, persons.map(({ keypoints }) => keypoints))); // prettier-ignore
  expect(figures.mean).toBeGreaterThan(0.1);
  expect(await validateTorsoPck({ batches, codec, keypointSet: LSP })(oracle())).toEqual({ PCK: figures.mean });
});
