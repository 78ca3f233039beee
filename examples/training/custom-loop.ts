/**
 * A training script of one's own, without `fit`: everything that happens in a step is here.
 * @quick
 */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import {
  adamw,
  clipByGlobalNorm,
  cosine,
  jointsMse,
  trainableVariables,
  validatePck,
  warmUp,
} from 'poseblocks/training';

await useEngine('wasm');
const people = (seed: number) => syntheticPeople({ seed, count: 16, imageSize: [128, 128], people: [1, 1] });
const [train, heldOut] = [people(1), people(2)];
const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], widths: [16, 32, 64, 64] });
const optimizer = adamw(1e-3, { weightDecay: 1e-4 });
const rate = warmUp(cosine({ rate: 2e-3, over: 6 }), { over: 1, from: 0.1 });

// #region loop
for (let epoch = 0; epoch < 6; epoch++) {
  optimizer.learningRate = rate(epoch);
  for await (const { images, people: persons } of topDown({ ...train, codec, batchSize: 8, seed: 1, epoch })) {
    const { target: heatmaps, weights } = codec.encodeBatch(persons);
    const { value, grads } = optimizer.computeGradients(
      () => jointsMse(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D),
      trainableVariables(network),
    );
    const { gradients, norm } = clipByGlobalNorm(grads, 1);
    optimizer.applyGradients(gradients);
    console.log(
      `epoch ${epoch}, loss ${(await value.data())[0]!.toFixed(5)}, gradient ${(await norm.data())[0]!.toFixed(4)}`,
    );
    tf.dispose([images, heatmaps, weights, value, norm, grads, gradients]);
  }
}
// #endregion

const validate = validatePck({ batches: () => topDown({ ...heldOut, codec }), codec });
console.log('PCK@0.2', (await validate(network)).PCK.toFixed(3));
