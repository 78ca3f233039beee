/**
 * Trains CPN, Integral Regression or G-RMI on people that are drawn, and measures PCK on others: train.ts [cpn | integral | grmi | all] [MINUTES] [tiny].
 * @quick all 0 tiny
 */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import type { Keypoints } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { adam } from 'poseblocks/training';
import { cpnSystem, grmiSystem, integralSystem, type System } from './three-systems';

const [which = 'all', minutes = '4', size] = process.argv.slice(2);
const tiny = size === 'tiny';
const SYSTEMS: Readonly<Record<string, () => System>> = {
  cpn: () => cpnSystem(tiny ? [64, 64, 3] : [128, 96, 3]),
  integral: () => integralSystem(tiny ? [64, 64, 3] : [128, 96, 3]),
  grmi: () => grmiSystem(tiny ? [65, 49, 3] : [97, 73, 3]),
};

await useEngine('wasm');
const train = syntheticPeople({ seed: 1, count: tiny ? 16 : 3000 });
const heldOut = syntheticPeople({ seed: 1_000_001, count: tiny ? 4 : 64 });

/** The losses of at least two steps, and of all that begin within the given minutes. */
async function learn({ codec, batchSize, rate, learn }: System, limit: number): Promise<number[]> {
  const optimizer = adam(rate);
  const losses: number[] = [];
  const start = performance.now();
  for (let epoch = 0; ; epoch++) {
    for await (const { images, people } of topDown({ ...train, codec, batchSize, seed: 7, epoch })) {
      const { loss, targets } = learn(images, people);
      const value = optimizer.minimize(loss, true)!;
      losses.push((await value.data())[0]!);
      tf.dispose([images, value, targets]);
      const spent = (performance.now() - start) / 60_000;
      if (losses.length % 20 === 0)
        console.log(`step ${losses.length}, ${spent.toFixed(1)} min, loss ${losses.at(-1)}`);
      if (losses.length >= 2 && spent >= limit) return losses;
    }
  }
}

async function evaluate({ codec, predict }: System): Promise<number> {
  const found: Keypoints<'image'>[] = [];
  for await (const { images, crops } of topDown({ ...heldOut, codec, batchSize: 8 })) {
    found.push(...(await predict(images)).map((pose, n) => crops[n]!.toImage(pose)));
    images.dispose();
  }
  const truth = heldOut.persons.map(({ keypoints }) => keypoints);
  return pck(found, truth, { normalizer: longerSides(heldOut.persons.map(({ box }) => box)), threshold: 0.2 }).mean;
}

const mean = (values: readonly number[]): string => (values.reduce((a, b) => a + b, 0) / values.length).toPrecision(4);
for (const [name, build] of Object.entries(SYSTEMS)) {
  if (which !== 'all' && which !== name) continue;
  const system = build();
  const losses = await learn(system, Number(minutes));
  const some = Math.max(1, Math.min(10, losses.length >> 1));
  console.log(
    `${name}: ${losses.length} steps; mean loss of the first ${some} ${mean(losses.slice(0, some))}, of the last ${mean(losses.slice(-some))}; ` +
      `PCK@0.2 on ${heldOut.persons.length} held out ${(await evaluate(system)).toFixed(3)}`,
  );
}
