import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { dataParallel, type DataParallel } from 'poseblocks/engines/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batch, createReplica, type Batch, type Normalization } from './data-parallel/model';

const replica = new URL('./data-parallel/replica.mjs', import.meta.url);
const read = async (tensors: readonly tf.Tensor[]): Promise<number[]> =>
  (await Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]))).flat();

beforeAll(() => useEngine('wasm'));
afterAll(() => disposeEngine());

async function withTeam<T>(
  normalization: Normalization,
  use: (team: DataParallel<Batch>, own: ReturnType<typeof createReplica>) => Promise<T>,
): Promise<T> {
  const own = createReplica(normalization);
  const optimizer = tf.train.adam(0.05);
  const { variables, state = [] } = own;
  const options = { workers: 2, optimizer, variables, state, workerData: normalization };
  const team = await dataParallel<Batch>(replica, options);
  try {
    return await use(team, own);
  } finally {
    await team.close();
    own.model.dispose();
    optimizer.dispose();
  }
}

it('makes the steps of one worker with the joined batch, parts of different sizes included', async () => {
  const single = createReplica('none');
  const optimizer = tf.train.adam(0.05);
  const expected: number[] = [];
  for (let i = 0; i < 3; i++) {
    const loss = optimizer.minimize(() => single.loss(batch(6 * i, 6)), true, [...single.variables])!;
    expected.push(...(await read([loss])));
    loss.dispose();
  }
  await withTeam('none', async (team, own) => {
    const losses: number[] = [];
    let tensors = 0;
    for (let i = 0; i < 3; i++) {
      losses.push(await team.step([batch(6 * i, 4), batch(6 * i + 4, 2)], [4, 2]));
      if (i === 0) tensors = tf.memory().numTensors;
    }
    expect(tf.memory().numTensors).toBe(tensors);
    losses.forEach((loss, i) => expect(loss / expected[i]!).toBeCloseTo(1, 5));
    const [theirs, ours] = [await read(single.variables), await read(own.variables)];
    ours.forEach((value, i) => expect(value).toBeCloseTo(theirs[i]!, 4));
  });
  single.model.dispose();
});

it("averages the workers' moving statistics", async () => {
  const single = createReplica('batch');
  const start = await read(single.variables);
  const statistics: number[][] = [];
  for (const part of [batch(0, 3), batch(3, 3)]) {
    const fresh = createReplica('batch');
    tf.tidy(() => fresh.loss(part));
    statistics.push(await read(fresh.state!));
    fresh.model.dispose();
  }
  await withTeam('batch', async (team, own) => {
    expect(await read(own.variables)).toEqual(start);
    await team.step([batch(0, 3), batch(3, 3)]);
    const averaged = await read(own.state!);
    averaged.forEach((value, i) => expect(value).toBeCloseTo((statistics[0]![i]! + statistics[1]![i]!) / 2, 5));
  });
  single.model.dispose();
});

it('reports a worker that fails, and goes on', async () => {
  await withTeam('none', async (team) => {
    await expect(team.step([batch(0, 1), batch(0, 0)])).rejects.toThrow(
      /a worker failed: RangeError: a batch must hold an image/,
    );
    expect(await team.step([batch(0, 1), batch(1, 1)])).toBeGreaterThan(0);
    await expect(team.step([batch(0, 1)])).rejects.toThrow(/Received: 1 batches and 1 shares for 2 workers/);
  });
});

it('refuses a replica of other shapes, and a module that does not load', async () => {
  const own = createReplica('none');
  const options = {
    workers: 1,
    optimizer: tf.train.sgd(1),
    variables: own.variables.slice(1),
    workerData: 'none',
  };
  await expect(dataParallel(replica, options)).rejects.toThrow(
    /must have the shapes \[4\] \[64,3\] \[3\]\. Received: \[3,3,2,4\] \[4\]/,
  );
  await expect(dataParallel(new URL('./absent.mjs', import.meta.url), options)).rejects.toThrow(
    /a worker failed: .*absent/,
  );
  own.model.dispose();
});
