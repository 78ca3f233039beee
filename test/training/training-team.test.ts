import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { adam, fit, jointsMse, type TrainingBatch } from 'poseblocks/training';
import { trainingTeam } from 'poseblocks/training/node';
import { network as build, teamBatch } from './support/team-network';

const replica = new URL('./support/team-replica.ts', import.meta.url);
beforeAll(() => useEngine('wasm').then(() => undefined));
afterAll(() => disposeEngine());

/** Values of every weight, and the losses, after steps on these batches. */
async function trained(batches: () => TrainingBatch[], processes: number, accumulate = 1) {
  const network = build();
  const optimizer = adam(1e-3);
  const losses: number[] = [];
  const team = processes > 1 ? await trainingTeam(network, { processes, replica }) : undefined;
  const before = tf.memory().numTensors;
  try {
    await fit(network, {
      epochs: 1,
      optimizer,
      loss: jointsMse,
      accumulate,
      batches,
      ...(team && { gradients: team.gradients }),
      callbacks: [{ onStep: ({ loss }) => void losses.push(loss) }],
    });
    const weights = await Promise.all(network.weights.map(async (weight) => Array.from(await weight.read().data())));
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    return { losses, weights: weights.flat() };
  } finally {
    await team?.close();
    network.dispose();
  }
}

const near = (found: readonly number[], expected: readonly number[]): void =>
  found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected[i]!)))); // prettier-ignore

describe('trainingTeam', () => {
  it.each([2, 3])('with %i threads: accumulation of the parts, running statistics and random pooling included', async (processes) => {
    const size = 2 * processes;
    const team = await trained(() => [0, 1, 2].map((i) => teamBatch(i * size, size)), processes);
    const one = await trained(() => Array.from({ length: 3 * processes }, (_, i) => teamBatch(2 * i, 2)), 1, processes);
    near(team.losses, one.losses);
    near(team.weights, one.weights);
  }); // prettier-ignore

  it('weighs parts by their people, and uses fewer threads for fewer people', async () => {
    const network = build(4, false);
    const team = await trainingTeam(network, { processes: 3, replica, workerData: 'no draws' });
    const alone = await trainingTeam(network, { processes: 1, replica, workerData: 'no draws' });
    const of = async ({ gradients: compute }: typeof team, from: number, count: number) => {
      const batch = teamBatch(from, count);
      const { loss, gradients } = await compute(batch, 0);
      const values = await Promise.all(Object.values(gradients).map(async (each) => Array.from(await each.data())));
      tf.dispose([batch.images, batch.target, batch.weights, gradients]);
      return [loss, ...values.flat()];
    };
    try {
      const parts = [await of(alone, 0, 2), await of(alone, 2, 2), await of(alone, 4, 1)];
      near(await of(team, 0, 5), parts[0]!.map((_, i) => (2 * parts[0]![i]! + 2 * parts[1]![i]! + parts[2]![i]!) / 5)); // prettier-ignore
      const two = [await of(alone, 0, 1), await of(alone, 1, 1)];
      near(await of(team, 0, 2), two[0]!.map((value, i) => (value + two[1]![i]!) / 2)); // prettier-ignore
      near(await of(team, 4, 1), await of(alone, 4, 1));
    } finally {
      await team.close();
      await alone.close();
      network.dispose();
    }
  });

  it('refuses a replica of another network, and a path in place of a URL', async () => {
    const other = build(5);
    await expect(trainingTeam(other, { processes: 2, replica })).rejects.toThrow(/a replica's variables must have the shapes/);
    await expect(trainingTeam(other, { processes: 2, replica: './replica.js' as unknown as URL })).rejects.toThrow(
      'trainingTeam: replica must be the URL of a module that calls serveTraining. Received: the text "./replica.js".',
    );
    other.dispose();
  }); // prettier-ignore
});
