/**
 * What the README shows: build, train a step, predict, measure.
 *
 * @quick
 */
// #region build
import { chain, conv, globalContext, lightweightBottleneck, pipe, resnetStem, stage } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { deconvHead } from 'poseblocks/heads';
import { buildNetwork, lpn } from 'poseblocks/networks';

await useEngine('auto'); // cuda, webgpu, tfjs-node, wasm or cpu: the best that is installed

const network = lpn('lpn-50', { inputShape: [128, 96, 3], keypoints: 17, depths: [1, 1, 1, 1] });

// The same idea with blocks of your own choosing:
const attention = globalContext({ ratio: 1 / 8, fusion: 'scale' });
const mine = buildNetwork(
  'mine',
  pipe(
    resnetStem({ filters: 32 }),
    chain({
      stage1: stage(lightweightBottleneck, { filters: 64, depth: 2, attention }),
      stage2: stage(lightweightBottleneck, { filters: 128, depth: 2, strides: 2 }),
      neck: conv({ filters: 64, kernelSize: 1 }),
    }),
    deconvHead({ keypoints: 17, filters: [64], groups: 'max', pointwise: true }),
  ),
  { inputShape: [128, 96, 3], keypoints: 17, initialization: 'he', multiple: 8 },
);
// #endregion

// #region train
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, jointsMse } from 'poseblocks/training';

const codec = gaussianCodec({
  inputSize: [96, 128],
  heatmapSize: [24, 32],
  sigma: 2,
  center: 'exact',
  refine: softArgmaxDecoder({ beta: 160 }),
});
const { persons, readImage, json } = syntheticPeople({ seed: 1, count: 16 });
const optimizer = adam(1e-3);

for await (const { images, people } of topDown({ persons, readImage, codec, batchSize: 8, seed: 1 })) {
  const { target: heatmaps, weights } = codec.encodeBatch(people);
  const loss = () => jointsMse(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D);
  const value = optimizer.minimize(loss, true)!;
  console.log('loss', (await value.data())[0]);
  tf.dispose([images, heatmaps, weights, value]);
}
// #endregion

// #region evaluate
import { COCO } from 'poseblocks/keypoints';
import { evaluateCoco, toCocoResult, type CocoResult } from 'poseblocks/metrics';

const results: CocoResult[] = [];
for await (const { images, crops, samples } of topDown({ persons, readImage, codec })) {
  const heatmaps = network.predict(images) as tf.Tensor4D;
  const poses = await codec.decodeBatch(heatmaps); // Keypoints<'input'>, one read-back
  poses.forEach((pose, n) => results.push(toCocoResult(crops[n]!.toImage(pose), { imageId: samples[n]!.imageId })));
  tf.dispose([images, heatmaps]);
}
console.log(evaluateCoco(results, json, { sigmas: COCO.sigmas })); // { AP, AP50, AP75, APM, APL, AR, … }
// #endregion

network.dispose();
mine.dispose();
