import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, withTargets } from 'poseblocks/training';
import { expect, it } from 'vitest';

it('a hundred steps of training, with validation, leave not one tensor more', async () => {
  await useEngine('wasm');
  const network = lpn('lpn-50', { inputShape: [32, 32, 3], depths: [1, 1, 1, 1], widths: [8, 8, 8, 8] });
  const codec = gaussianCodec({ inputSize: [32, 32], heatmapSize: [8, 8], sigma: 1 });
  const { persons, readImage } = syntheticPeople({ seed: 1, count: 40, imageSize: [64, 64] });
  const optimizer = adam(1e-3);
  const counts: number[] = [];
  const { steps } = await fit(network, {
    epochs: 11,
    batches: withTargets(
      (epoch) => topDown({ persons, readImage, codec, batchSize: 4, seed: 1, epoch }),
      (people) => codec.encodeBatch(people),
    ),
    loss: jointsMse,
    optimizer,
    validate: async () => {
      for await (const { images } of topDown({ persons: persons.slice(0, 4), readImage, codec })) {
        const heatmaps = network.predict(images) as tf.Tensor4D;
        await codec.decodeBatch(heatmaps);
        tf.dispose([images, heatmaps]);
      }
      return {};
    },
    callbacks: [{ onEpoch: () => void counts.push(tf.memory().numTensors) }],
  });
  expect(steps).toBe(110);
  // The first epoch makes the optimiser's moments; the ten after it nothing.
  expect(counts.slice(1)).toEqual(counts.slice(1).map(() => counts[1]));
  expect(counts[1]).toBe(counts[0]);
  optimizer.dispose();
  network.dispose();
});
