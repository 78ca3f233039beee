/**
 * The code of the training guide, on synthetic people: data, target, `fit`, and a loop of one's own.
 * @quick
 */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { lpn } from 'poseblocks/networks';
import { quarterOffset } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, multiStep, withTargets } from 'poseblocks/training';

// #region engine
await useEngine('auto'); // 'cuda' | 'webgpu' | 'tfjs-node' | 'wasm' | 'cpu' | 'auto'
// #endregion

// #region data
const { persons, readImage, keypointSet } = syntheticPeople({ seed: 1, count: 16 });
const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1, refine: quarterOffset });
const crops = (epoch: number) => topDown({ persons, readImage, codec, batchSize: 8, seed: 1, epoch });
// #endregion

// #region network
const network = lpn('lpn-50', {
  inputShape: [64, 48, 3],
  keypoints: keypointSet.names.length,
  depths: [1, 1, 1, 1], // in place of LPN-50's [3, 4, 6, 3]
});
// #endregion

// #region fit
const { history } = await fit(network, {
  epochs: 2,
  batches: withTargets(crops, codec),
  loss: jointsMse,
  optimizer: adam(1e-3),
  schedule: multiStep({ rate: 1e-3, milestones: [90, 120] }),
});
// #endregion

// #region loop
const optimizer = adam(1e-3);
for await (const { images, people } of crops(0)) {
  const { target: heatmaps, weights } = codec.encodeBatch(people);
  const loss = optimizer.minimize(
    () => jointsMse(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D),
    true,
  )!;
  console.log('loss', (await loss.data())[0]);
  tf.dispose([images, heatmaps, weights, loss]);
}
// #endregion

console.log(`${history.length} epochs`);
