import { chain, conv, fractionalMaxPool, fusedMbConv, pyramidResidualModule, resizeBilinear } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { buildNetwork } from 'poseblocks/networks';
import { adam, fit, jointsMse, memoryStore, readWeights, type CheckpointStore } from 'poseblocks/training';
import { beforeAll, expect, it } from 'vitest';
import { dots } from './support/tiny';

beforeAll(() => useEngine('wasm').then(() => undefined));

/** Random pooling of its own and inside a pyramid, and stochastic depth: [N, 16, 16, 3] → [N, 8, 8, 2], as `dots` has it. */
const pooled = (seed: number) =>
  buildNetwork(
    'pooled',
    chain({
      conv1: conv({ filters: 18, kernelSize: 3, useBias: true }),
      pool: fractionalMaxPool({ ratio: 0.8, seed }),
      r1: pyramidResidualModule({ filters: 18, seed: seed + 1 }),
      mb: fusedMbConv({ filters: 18, expansion: 1, dropRate: 0.5, seed: seed + 2 }),
      resize: resizeBilinear({ size: [8, 8], mode: 'alignCorners' }),
      head: conv({ filters: 2, kernelSize: 1, useBias: true }),
    }),
    { inputShape: [16, 16, 3], keypoints: 2, initialization: 'he', seed: 0, multiple: 1 },
  );

async function train(
  options: { store?: CheckpointStore; stopAfter?: number; seed?: number; accumulate?: number } = {},
) {
  const network = pooled(options.seed ?? 3);
  const optimizer = adam(1e-2);
  const controller = new AbortController();
  await fit(network, {
    epochs: 2,
    optimizer,
    loss: jointsMse,
    accumulate: options.accumulate ?? 1,
    batches: function* (epoch) {
      for (let i = 0; i < 5; i++) yield dots(10 * epoch + i, { batch: 2 });
    },
    signal: controller.signal,
    callbacks: [{ onStep: ({ step }) => void (step + 1 === options.stopAfter && controller.abort()) }],
    ...(options.store && { checkpoint: { store: options.store, everySteps: 1 } }),
  });
  const weights = await readWeights(network);
  network.dispose();
  optimizer.dispose();
  return weights;
}

it.each([
  [3, 1],
  [7, 1],
  [2, 2],
])(
  'random pooling and stochastic depth draw the same when a run is resumed after step %i, %i batches a step',
  async (stopAfter, accumulate) => {
    const store = memoryStore();
    const whole = await train({ accumulate });
    const interrupted = await train({ store, stopAfter, accumulate });
    expect(interrupted).not.toEqual(whole);
    expect(await train({ store, accumulate })).toEqual(whole);
    expect(await train({ seed: 4, accumulate })).not.toEqual(whole);
  },
);
