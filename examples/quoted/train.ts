/**
 * Trains CPN, Integral Regression or G-RMI on people that are drawn, and measures PCK on others beside the mean pose's: train.ts [cpn | integral | grmi | all] [MINUTES] [tiny].
 * @quick all 0 tiny
 */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import type { Keypoints } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { adam, cosine, warmUp } from 'poseblocks/training';
import { cpnSystem, grmiSystem, integralSystem, type System } from './three-systems';

const [which = 'all', minutes = '3', size] = process.argv.slice(2);
const tiny = size === 'tiny';
const SYSTEMS: Readonly<Record<string, () => System>> = {
  cpn: () => cpnSystem(tiny ? [64, 64, 3] : [96, 64, 3]),
  integral: () => integralSystem(tiny ? [64, 64, 3] : [96, 64, 3]),
  grmi: () => grmiSystem([65, 49, 3]),
};

await useEngine('wasm');
const train = syntheticPeople({ seed: 1, count: tiny ? 16 : 3000 });
const heldOut = syntheticPeople({ seed: 1_000_001, count: tiny ? 4 : 64 });

/** The losses of at least two steps, and of all that begin within the given minutes, under half a cosine of them. */
async function learn({ codec, batchSize, rate, learn }: System, limit: number): Promise<number[]> {
  const optimizer = adam(rate);
  const schedule = warmUp(cosine({ rate, over: 1, to: rate / 50 }), { over: 0.05 });
  const losses: number[] = [];
  const start = performance.now();
  for (let epoch = 0; ; epoch++) {
    for await (const { images, people } of topDown({ ...train, codec, batchSize, seed: 7, epoch })) {
      const spent = (performance.now() - start) / 60_000;
      optimizer.learningRate = schedule(limit > 0 ? Math.min(spent / limit, 1) : 0.5);
      const { loss, targets } = learn(images, people);
      const value = optimizer.minimize(loss, true)!;
      losses.push((await value.data())[0]!);
      tf.dispose([images, value, targets]);
      if (losses.length % 50 === 0)
        console.log(`step ${losses.length}, ${spent.toFixed(1)} min, loss ${losses.at(-1)!.toPrecision(4)}`);
      if (losses.length >= 2 && spent >= limit) return losses;
    }
  }
}

/** PCK at a fifth and at a tenth of the box's longer side. */
function score(found: readonly Keypoints<'image'>[]): string {
  const truth = heldOut.persons.map(({ keypoints }) => keypoints);
  const normalizer = longerSides(heldOut.persons.map(({ box }) => box));
  const at = (threshold: number): string => pck(found, truth, { normalizer, threshold }).mean.toFixed(3);
  return `PCK@0.2 ${at(0.2)}, PCK@0.1 ${at(0.1)}`;
}

async function evaluate({ codec, predict }: System): Promise<string> {
  const found: Keypoints<'image'>[] = [];
  for await (const { images, crops } of topDown({ ...heldOut, codec, batchSize: 8 })) {
    found.push(...(await predict(images)).map((pose, n) => crops[n]!.toImage(pose)));
    images.dispose();
  }
  return score(found);
}

/** The mean place of every joint in the boxes of 300 people, told to everybody: what a network must beat to have looked at the image. */
function meanPose(): string {
  const K = train.persons[0]!.keypoints.score.length;
  const place = new Float64Array(2 * K);
  for (let k = 0; k < K; k++) {
    const seen = train.persons.slice(0, 300).filter(({ keypoints }) => keypoints.score[k]! > 0);
    for (const { keypoints, box } of seen) {
      for (const axis of [0, 1])
        place[2 * k + axis]! += (keypoints.xy[2 * k + axis]! - box[axis]!) / box[axis + 2]! / seen.length;
    }
  }
  const pose = ({ box }: (typeof heldOut.persons)[number]): Keypoints<'image'> => ({
    frame: 'image',
    xy: Float32Array.from(place, (at, i) => box[i % 2]! + at * box[(i % 2) + 2]!),
    score: new Float32Array(K).fill(1),
  });
  return score(heldOut.persons.map(pose));
}

const mean = (values: readonly number[]): string => (values.reduce((a, b) => a + b, 0) / values.length).toPrecision(4);
console.log(`on ${heldOut.persons.length} held out, the mean pose has ${meanPose()}`);
for (const [name, build] of Object.entries(SYSTEMS)) {
  if (which !== 'all' && which !== name) continue;
  const system = build();
  const losses = await learn(system, Number(minutes));
  const some = Math.max(1, Math.min(20, losses.length >> 1));
  console.log(
    `${name}: ${losses.length} steps; mean loss of the first ${some} ${mean(losses.slice(0, some))}, of the last ${mean(losses.slice(-some))}; ${await evaluate(system)}`,
  );
}
