/**
 * What WebGPU in Node is told per call of LPN-50 at 256×192, batch 1. They are counted, not run, so a software adapter will do.
 *
 *   npx tsx bench/gpu/dispatches.ts   writes bench/results/gpu-dispatches.csv
 *
 * The optimiser's step (Adam) and the compiled network's layer normalisation are counted with their kernels and as the element-wise operations that these replace.
 */
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describeEngine, useEngine } from 'poseblocks/engines';
import { compile } from 'poseblocks/inference';
import { lpn } from 'poseblocks/networks';
import { adam } from 'poseblocks/training';
import { offerSoftwareVulkan } from '../../test/support/software-vulkan';
import { countCommands } from './command-counter';

const RESULTS = new URL('../results/gpu-dispatches.csv', import.meta.url);
const [HEIGHT, WIDTH] = [256, 192];

offerSoftwareVulkan();
await useEngine('webgpu');
GPUComputePassEncoder.prototype.dispatchWorkgroups = () => {}; // minutes on a software adapter
const counts = countCommands();
const rows = ['engine,adapter,node,network,pass,batch,size,how,dispatches,submits,upload_bytes'];
const machine = ['webgpu', `"${describeEngine().device}"`, process.version, 'lpn-50'];

const network = lpn('lpn-50', { inputShape: [HEIGHT, WIDTH, 3], keypoints: 17, initialization: 'none' });
const images = tf.randomUniform<tf.Rank.R4>([1, HEIGHT, WIDTH, 3], -1, 1, 'float32', 1);
const heatmaps = tf.randomUniform([1, HEIGHT / 4, WIDTH / 4, 17], 0, 1, 'float32', 2);
const loss = (): tf.Scalar =>
  tf.losses.meanSquaredError(heatmaps, network.apply(images, { training: true }) as tf.Tensor) as tf.Scalar;

const compiled = await compile(network);
await count('inference', 'predict', () => network.predict(images) as tf.Tensor);
const infer = (): tf.Tensor => compiled(images) as tf.Tensor;
await without('NormalizeLayer', () => count('inference', 'compiled element-wise', infer));
await count('inference', 'compiled', infer);
compiled.dispose();

const gradients = tf.variableGrads(loss);
gradients.value.dispose();
await without('OptimizerStep', () => train('element-wise'));
await train('one kernel');
writeFileSync(RESULTS, `${rows.join('\n')}\n`);

async function train(how: string): Promise<void> {
  const optimizer = adam(1e-3);
  await count('optimizer step', how, () => {
    optimizer.applyGradients(gradients.grads);
    return tf.clone(images);
  });
  await count('training step', how, () => optimizer.minimize(loss, true)!);
  optimizer.dispose();
}

/** Runs without a kernel of ours. */
async function without(kernelName: string, run: () => Promise<void>): Promise<void> {
  const kernel = tf.getKernel(kernelName, 'webgpu');
  tf.unregisterKernel(kernelName, 'webgpu');
  await run();
  tf.registerKernel(kernel);
}

/** Adds a row for the second call: the first also prepares constants. */
async function count(pass: string, how: string, call: () => tf.Tensor): Promise<void> {
  let row: readonly number[] = [];
  for (let i = 0; i < 2; i++) {
    const { dispatches, submits, upload_bytes } = counts;
    const result = tf.tidy(call);
    row = [counts.dispatches - dispatches, counts.submits - submits, counts.upload_bytes - upload_bytes];
    await result.data();
    result.dispose();
  }
  rows.push([...machine, pass, 1, `${HEIGHT}x${WIDTH}`, how, ...row].join(','));
  console.log(rows.at(-1));
}
