import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, model, type LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from 'poseblocks/datasets';
import { keypointSet, keypointsOf } from 'poseblocks/keypoints';
import { boxToCrop } from 'poseblocks/geometry';
import { dark } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { predictPeople, validatePck } from 'poseblocks/training';
import { expect, it } from 'vitest';

const codec = gaussianCodec({ inputSize: [8, 8], heatmapSize: [8, 8], sigma: 1, center: 'exact' });
const crop = boxToCrop([100, 200, 16, 16], [8, 8], { padding: 1 });
const sample = { id: 1, imageId: 7, fileName: 'a.png', box: [100, 200, 16, 16] } as const;

/** A network that gives back its image, and a batch whose image is the heatmaps of these keypoints; with targets, as of a loader. */
function batchOf(xy: readonly number[], truth: readonly number[]): Batch & { target: tf.Tensor; weights: tf.Tensor } {
  const keypoints = { frame: 'input', xy: Float32Array.from(xy), score: new Float32Array(3).fill(2) } as const;
  const { target: heatmaps, weights } = codec.encodeBatch([keypoints]);
  const person = { ...keypoints, frame: 'image', xy: crop.toImage({ ...keypoints, xy: Float32Array.from(truth) }).xy } as const; // prettier-ignore
  const samples = [{ ...sample, keypoints: person }] as unknown as Batch['samples'];
  return { images: heatmaps, people: [keypoints], crops: [crop], samples, target: tf.clone(heatmaps), weights };
}

it('finds people in pixels of their image, counts PCK, and disposes every tensor of the batches', async () => {
  await tf.setBackend('cpu');
  const x = layers.input({ shape: [8, 8, 3] }) as ReturnType<typeof layers.input>;
  const network = model({ inputs: x, outputs: layers.activation({ activation: 'linear' }).apply(x) as typeof x });
  const before = tf.memory().numTensors;
  const [found, truth] = [[1, 2, 4, 4, 6, 5], [1, 2, 4, 4, 3, 5]]; // prettier-ignore
  const [person] = await predictPeople(network, { batches: () => [batchOf(found, found)], codec });
  const { frame, xy } = person!.keypoints;
  expect([frame, person!.sample.imageId]).toEqual(['image', 7]);
  const expected = crop.toImage({ frame: 'input', xy: Float32Array.from(found), score: new Float32Array(3) }).xy;
  xy.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(0.6)); // a quarter of a cell of 2 px
  // The third keypoint is three cells of two pixels off, of a box of sixteen.
  const batches = () => [batchOf(found, truth)];
  expect((await validatePck({ batches, codec, threshold: 0.3 })(network)).PCK).toBeCloseTo(2 / 3, 6);
  expect((await validatePck({ batches, codec, threshold: 0.45 })(network)).PCK).toBe(1);
  expect(tf.memory().numTensors).toBe(before);
});

// Turned back, a map aligned to edges lies three quarters of a cell left of the truth: shifted by one, the mean is half a pixel off.
it.each([
  ['edges', 0.6],
  ['centers', 0.1],
] as const)('the flip test of a network that is right finds the truth, aligned to %s', async (align, within) => {
  await tf.setBackend('cpu');
  const codec = gaussianCodec({ inputSize: [64, 96], heatmapSize: [16, 24], center: 'exact', align, refine: dark });
  const crop = boxToCrop([0, 0, 64, 96], [64, 96], { padding: 1 });
  const nose = keypointSet({ name: 'nose', names: ['nose'], flipPairs: [] });
  const [x, y] = [25.3, 50.7];
  let call = 0; // the second sees the mirror
  const predict = () => codec.encodeBatch([keypointsOf('input', [call++ % 2 === 0 ? x : 63 - x, y, 2])]).target;
  const network = { predict } as unknown as LayersModel;
  const batch = (): Batch => ({ images: tf.zeros([1, 96, 64, 3]), people: [], crops: [crop], samples: [sample] as unknown as Batch['samples'] }); // prettier-ignore
  const [found] = await predictPeople(network, { batches: () => [batch()], codec, flip: nose });
  expect(Math.abs(found!.keypoints.xy[0]! - x)).toBeLessThan(within);
  expect(Math.abs(found!.keypoints.xy[1]! - y)).toBeLessThan(0.1);
});
