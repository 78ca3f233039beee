/**
 * The code of the engines guide: choosing one, and fitting a large batch into memory.
 * @quick
 */
import * as tf from '@tensorflow/tfjs-core';
import { checkpoint, disposeEngine, formatEngine, useEngine } from 'poseblocks/engines';
import { lpn } from 'poseblocks/networks';
import { minimizeAccumulated } from 'poseblocks/training';

// #region choose
const engine = await useEngine('wasm', { threads: 2 }); // or 'auto'
console.log(formatEngine(engine)); // device, threads, memory, missing kernels, and why this one
// #endregion

const size = { inputShape: [64, 48, 3], keypoints: 17, depths: [1, 1, 1, 1] } as const;
const network = lpn('lpn-50', size);
const images = tf.randomUniform<tf.Rank.R4>([4, 64, 48, 3], -1, 1, 'float32', 1);
const heatmaps = tf.randomUniform<tf.Rank.R4>([4, 16, 12, 17], 0, 1, 'float32', 2);

// #region accumulate
const optimizer = tf.train.adam(1e-3);
const lossOf = (from: number) => () => {
  const output = network.apply(tf.slice(images, [from], [2]), { training: true }) as tf.Tensor;
  return tf.losses.meanSquaredError(tf.slice(heatmaps, [from], [2]), output) as tf.Scalar;
};
const loss = minimizeAccumulated(optimizer, [lossOf(0), lossOf(2)]); // one step, two images in memory at a time
console.log('loss', (await loss.data())[0]);
// #endregion

// #region checkpoint
const variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable);
const cheap = checkpoint((x: tf.Tensor4D) => network.apply(x, { training: true }) as tf.Tensor4D, variables);
const value = optimizer.minimize(() => tf.losses.meanSquaredError(heatmaps, cheap(images)) as tf.Scalar, true)!;
// #endregion

tf.dispose([loss, value, images, heatmaps]);
disposeEngine();
