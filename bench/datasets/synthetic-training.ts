/**
 * How long an LPN with depths [1, 1, 1, 1] at 128×96 takes on synthetic people until PCK@0.2 (of the box's longer side)
 * reaches 0.8 on held-out figures. Time is the process's CPU time, so that other work on the machine does not count. Usage: npx tsx bench/datasets/synthetic-training.ts [MINUTES] [ENGINE]
 */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine, type EngineName } from 'poseblocks/engines';
import type { Keypoints } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { lpn } from 'poseblocks/networks';
import { quarterOffset } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, jointsMse } from 'poseblocks/training';

const minutes = Number(process.argv[2] ?? 12);
const engine = (process.argv[3] ?? 'wasm') as EngineName;
const results = new URL(`../results/synthetic-training-${engine}.csv`, import.meta.url);
if (!existsSync(results)) writeFileSync(results, 'engine,step,figures_seen,training_cpu_s,loss,pck\n');

await useEngine(engine);
const codec = gaussianCodec({ inputSize: [96, 128], heatmapSize: [24, 32], sigma: 2, refine: quarterOffset });
const train = syntheticPeople({ seed: 1, count: 3000 });
const heldOut = syntheticPeople({ seed: 1_000_001, count: 128 });
const network = lpn('lpn-50', { inputShape: [128, 96, 3], keypoints: 17, depths: [1, 1, 1, 1] });
const optimizer = adam(1e-3);

async function evaluate(): Promise<number> {
  const predicted: Keypoints<'image'>[] = [];
  for await (const { images, crops } of topDown({ ...heldOut, codec, batchSize: 16 })) {
    const heatmaps = tf.tidy(() => network.predict(images) as tf.Tensor4D);
    const poses = await codec.decodeBatch(heatmaps);
    predicted.push(...poses.map((pose, n) => crops[n]!.toImage(pose)));
    tf.dispose([images, heatmaps]);
  }
  const truth = heldOut.persons.map(({ keypoints }) => keypoints);
  return pck(predicted, truth, { normalizer: longerSides(heldOut.persons.map(({ box }) => box)), threshold: 0.2 }).mean;
}

let [step, seconds, recent] = [0, 0, 0];
for (let epoch = 0; seconds < 60 * minutes; epoch++) {
  for await (const { images, people } of topDown({ ...train, codec, batchSize: 16, seed: 7, epoch })) {
    const start = process.cpuUsage();
    const { target: heatmaps, weights } = codec.encodeBatch(people);
    const value = optimizer.minimize(
      () => jointsMse(heatmaps, weights, network.apply(images, { training: true }) as tf.Tensor4D),
      true,
    )!;
    recent = (await value.data())[0]!;
    tf.dispose([images, heatmaps, weights, value]);
    const used = process.cpuUsage(start);
    seconds += (used.user + used.system) / 1e6;
    if (++step % 100 === 0) {
      const score = await evaluate();
      appendFileSync(
        results,
        `${engine},${step},${16 * step},${seconds.toFixed(1)},${recent.toFixed(6)},${score.toFixed(4)}\n`,
      );
      console.log(
        `step ${step}, ${seconds.toFixed(0)} CPU s of training, loss ${recent.toFixed(5)}, PCK@0.2 ${score.toFixed(3)}`,
      );
      if (score >= 0.82 || seconds >= 60 * minutes) process.exit();
    }
  }
}
