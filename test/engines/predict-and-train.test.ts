import { disposeEngine, useEngine } from 'poseblocks/engines';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectRelative } from '../support/close';
import { describeEngines } from '../support/engines';
import { predictAndTrain, type Outcome } from './browser/predict-and-train';

let reference: Outcome;
beforeAll(async () => {
  await useEngine('wasm'); // also where POSEBLOCKS_ENGINES leaves it out: it is the reference
  reference = await predictAndTrain();
});
afterAll(() => disposeEngine());

it("predicts, trains and compiles on wasm's threads as on one, and leaks nothing", async () => {
  disposeEngine();
  expect((await useEngine('wasm', { threads: 2 })).threads).toBe(2);
  const outcome = await predictAndTrain();
  disposeEngine();
  expectRelative(outcome.prediction, reference.prediction, 1e-5, 'heatmaps');
  expectRelative(outcome.losses, reference.losses, 1e-3, 'losses');
  expectRelative(outcome.compiled, outcome.trained, 1e-4, 'compiled');
  expect(outcome.leakedTensors).toBe(0);
});

// The cpu engine takes minutes for a network; its kernels are compared one by one elsewhere.
describeEngines(
  'a small LPN',
  () => {
    it('predicts and trains as on wasm, compiles, and leaks nothing', async () => {
      const outcome = await predictAndTrain();
      expectRelative(outcome.prediction, reference.prediction, 1e-3, 'heatmaps');
      expectRelative(outcome.losses, reference.losses, 1e-3, 'losses');
      expectRelative(outcome.compiled, outcome.trained, 1e-4, 'compiled');
      expect(outcome.leakedTensors).toBe(0);
    });
  },
  ['webgpu', 'tfjs-node'],
);
