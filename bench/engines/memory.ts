/**
 * The wasm heap (at most 4096 MiB; it never shrinks) that training a network at 256×192 takes, by Adam, after three steps:
 *
 *     npx tsx bench/engines/memory.ts [BATCH] [NETWORK] [THREADS]
 *
 * NETWORK is a row of the papers' tables, as `paperNetworks()` lists them. Rows go to bench/results/engine-memory.csv.
 */
import * as tf from '@tensorflow/tfjs-core';
import { registerLayers } from 'poseblocks/heads';
import { paperNetwork, type PaperNetwork } from 'poseblocks/recipes';
import { trainingPass } from 'poseblocks/training';
import { record } from '../measure';
import { heapMebibytes, startEngine } from './engine';

const [size = '8', id = '003-lpn50-gc', threads = '1'] = process.argv.slice(2);
const batch = Number(size);
const engine = await startEngine('wasm', Number(threads), 'auto');
registerLayers();
const network = paperNetwork(id as PaperNetwork, { inputShape: [256, 192, 3] });
const images = tf.randomUniform([batch, 256, 192, 3], -1, 1, 'float32', 1);
const optimizer = tf.train.adam(1e-3);
for (let step = 0; step < 3; step++) {
  const loss = optimizer.minimize(() => {
    const heatmaps = [trainingPass(network, images)].flat() as tf.Tensor[];
    return tf.addN(heatmaps.map((y) => tf.mean(tf.square(y)))) as tf.Scalar;
  }, true)!;
  await loss.data();
  loss.dispose();
}
const memory = {
  heap_mib: Math.round(heapMebibytes()),
  peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024),
};
record('engine-memory', [{ ...engine, network: id, batch, ...memory }]);
console.log(`${id}, batch ${batch}: heap ${memory.heap_mib} MiB, resident ${memory.peak_rss_mib} MiB`);
