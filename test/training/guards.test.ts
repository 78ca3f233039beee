import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { keypointSet } from 'poseblocks/keypoints';
import {
  adam,
  fit,
  guardHeatmaps,
  guardLeaks,
  guardLearningRate,
  guardLoss,
  guardPairs,
  jointsMse,
  sgd,
  standardGuards,
  TrainingFault,
  type Callback,
  type Fault,
  type FitOptions,
  type TrainingBatch,
} from 'poseblocks/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dotBatches, dots, tinyNetwork } from './support/tiny';

const SET = keypointSet({ name: 'dots', names: ['left', 'right'], flipPairs: [['left', 'right']] });
beforeAll(() => useEngine('wasm').then(() => undefined));

/** Trains with a guard and gives what it found. Everything else is healthy unless `options` plants a fault. */
async function faultsOf(
  guard: (onFault: (fault: Fault) => void) => Callback | Callback[],
  options: Partial<FitOptions> = {},
): Promise<Fault[]> {
  const network = tinyNetwork();
  const optimizer = adam(2e-2);
  const faults: Fault[] = [];
  await fit(network, {
    epochs: 5,
    batches: dotBatches(12),
    loss: jointsMse,
    optimizer,
    ...options,
    callbacks: [...(options.callbacks ?? []), guard((fault) => faults.push(fault))].flat(),
  });
  for (const weight of network.weights) weight.read().dispose();
  optimizer.dispose();
  options.optimizer?.dispose();
  return faults;
}

/** Images of one dataset with left and right labels exchanged. */
const validation =
  (options: Parameters<typeof dots>[1] = {}) =>
  () => [dots(1000, { batch: 16, ...options })];
const quick = { after: 20, everySteps: 10 };
/** All guards at once, looking often. */
const every =
  (shown = validation()) =>
  (onFault: (fault: Fault) => void): Callback[] => [
    guardLoss({ onFault }),
    guardHeatmaps({ keypointSet: SET, onFault, ...quick }),
    guardLearningRate({ onFault, everySteps: 10 }),
    guardLeaks({ onFault }),
    guardPairs({ keypointSet: SET, validation: shown, onFault }),
  ];
const kinds = (faults: readonly Fault[]): string[] => [...new Set(faults.map(({ kind }) => kind))];

it('all are silent on a healthy run, and leave no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const faults = await faultsOf(every());
  expect(faults).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});

it('so are the standard ones, with their defaults', async () => {
  const make = (onFault: (fault: Fault) => void) =>
    standardGuards({ keypointSet: SET, validation: validation(), onFault });
  expect(make(() => undefined)).toHaveLength(5);
  expect(standardGuards()).toHaveLength(4);
  expect(await faultsOf(make, { epochs: 2 })).toEqual([]);
});

/** Changes tensors of a batch. */
const changed = (f: (batch: TrainingBatch, index: number) => Partial<TrainingBatch>) =>
  function* (epoch: number): Generator<TrainingBatch> {
    let index = 0;
    for (const batch of dotBatches(12)(epoch)) {
      const change = f(batch, index++);
      for (const key of Object.keys(change) as (keyof TrainingBatch)[]) batch[key].dispose();
      yield { ...batch, ...change };
    }
  };

describe('each catches its planted fault, and the others hold their peace', () => {
  it('NaN in the images', async () => {
    const batches = changed(({ images }, i) =>
      i === 5 ? { images: tf.tidy(() => tf.mul<tf.Tensor4D>(images, NaN)) } : {},
    );
    const [fault, ...others] = await faultsOf(every(), { batches, epochs: 1 });
    expect(kinds(others)).toEqual(['not-finite']); // the weights, from then on
    expect(fault).toMatchObject({ kind: 'not-finite', epoch: 0, step: 5 });
    expect(fault!.message).toContain("the batch's images are not finite. Look for damaged images");
  });

  it('a rate so high that weights overflow', async () => {
    const faults = await faultsOf(every(), { optimizer: sgd(1e12), epochs: 2 });
    expect(kinds(faults)).toContain('not-finite');
    expect(faults.find(({ kind }) => kind === 'not-finite')!.message).toMatch(
      /weights are not finite, the first is .+\. Lower the rate/,
    );
  });

  it('a loss that explodes, but not a single hard batch', async () => {
    const scaled = (from: number, to: number) =>
      changed(({ target }, i) => (i >= from && i < to ? { target: tf.mul<tf.Tensor4D>(target, 100) } : {}));
    // a network that does not learn, so that only the targets move the loss: the other guards would rightly speak
    const alone = (onFault: (fault: Fault) => void) => guardLoss({ onFault });
    const still = () => ({ optimizer: sgd(0), epochs: 2 });
    const faults = await faultsOf(alone, { ...still(), batches: scaled(10, 12) });
    expect(faults).toEqual([]); // two in a row
    const late = function* (epoch: number) {
      yield* scaled(epoch === 1 ? 0 : 99, 99)(epoch);
    };
    const [fault, ...more] = await faultsOf(alone, { ...still(), batches: late });
    expect(fault).toMatchObject({ kind: 'exploding-loss', epoch: 1, step: 14 });
    expect(fault!.message).toMatch(/over 10 times its median .+ clip gradients/);
    expect(more).toEqual([]);
  });

  it('heatmaps that collapse to nothing', async () => {
    // a rate under which the last layer learns only to be silent
    const silent: Callback = {
      onStep: ({ network }) =>
        tf.tidy(() => network.getLayer('final_layer').setWeights([tf.zeros([1, 1, 6, 2]), tf.zeros([2])])),
    };
    const faults = await faultsOf(every(), { epochs: 3, callbacks: [silent] });
    expect(kinds(faults)).toEqual(['heatmap-collapse']);
    expect(faults[0]!.step).toBe(20);
    expect(faults[0]!.message).toContain('Scale the targets by epoch (epochScale), widen sigma');
  });

  it('a keypoint never labelled', async () => {
    const faults = await faultsOf(every(), { batches: dotBatches(4, { hide: [1] }), epochs: 2 });
    expect(faults.map(({ kind, epoch }) => [kind, epoch])).toEqual([
      ['dead-keypoint', 0],
      ['dead-keypoint', 1],
    ]);
    expect(faults[0]!.message).toContain('right never labelled in this epoch');
  });

  it('a keypoint predicted nowhere though it is labelled', async () => {
    const mute: Callback = {
      onStep: async ({ network }) => {
        const [kernel, bias] = network.getLayer('final_layer').getWeights();
        const mask = tf.tensor1d([1, 0]);
        const muted = [tf.mul(kernel!, mask), tf.mul(bias!, mask)];
        network.getLayer('final_layer').setWeights(muted);
        tf.dispose([mask, ...muted]);
      },
    };
    const faults = await faultsOf(every(), { callbacks: [mute] });
    expect(kinds(faults)).toEqual(['dead-keypoint']);
    expect(faults[0]!.message).toContain('right is predicted nowhere');
  });

  it.each([
    ['zero', 0],
    ['too small for float32', 1e-12],
  ])('a rate that is %s', async (_name, rate) => {
    const faults = await faultsOf(every(), { optimizer: adam(rate), epochs: 1 });
    expect(kinds(faults)).toEqual(['idle-learning-rate']);
    expect(faults[0]).toMatchObject({ step: 2 });
    expect(faults[0]!.message).toContain(`a step at rate ${rate} moved the weights by`);
  });

  it('a schedule that runs out', async () => {
    const schedule = (epoch: number) => (epoch < 2 ? 1e-2 : 0);
    const faults = await faultsOf(every(), { schedule, epochs: 3 });
    expect(kinds(faults)).toEqual(['idle-learning-rate']);
    expect(faults[0]!.epoch).toBe(2);
  });

  it('tensors that nobody disposes', async () => {
    const kept: tf.Tensor[] = [];
    const leak: Callback = { onStep: () => void kept.push(tf.scalar(1), tf.scalar(2)) };
    const faults = await faultsOf(every(), { callbacks: [leak], epochs: 1 });
    expect(kinds(faults)).toEqual(['leaking-tensors']);
    expect(faults[0]!.message).toContain('some 2 more with each of the last 10 steps');
    tf.dispose(kept);
  });

  it('left and right exchanged in the validation', async () => {
    const faults = await faultsOf(every(validation({ swap: true })));
    expect(kinds(faults)).toEqual(['swapped-pairs']);
    expect(faults.at(-1)!.epoch).toBe(4);
    expect(faults.at(-1)!.message).toContain('The labels are swapped');
  });

  it('an augmentation that mirrors without swapping labels', async () => {
    // half of the batches call the red dot right
    const batches = function* (epoch: number) {
      for (let i = 0; i < 12; i++) yield dots(12 * epoch + i, { swap: i % 2 === 0 });
    };
    const faults = await faultsOf(every(), { batches, epochs: 8 });
    expect(kinds(faults)).toEqual(['swapped-pairs']);
    expect(faults.at(-1)!.message).toContain('Both sides are predicted at once');
  });
});

it('a fault ends the run unless told otherwise, by an error that says what and where', async () => {
  const network = tinyNetwork();
  const optimizer = adam(0);
  const run = fit(network, {
    epochs: 1,
    batches: dotBatches(4),
    loss: jointsMse,
    optimizer,
    callbacks: [guardLearningRate()],
  });
  await expect(run).rejects.toThrow(TrainingFault);
  await expect(run).rejects.toThrow(/^idle-learning-rate at epoch 0, step 2: a step at rate 0 moved/);
});
afterAll(() => tf.disposeVariables());
