import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import {
  adam,
  earlyStop,
  fit,
  gradientAccumulator,
  intermediateSupervision,
  iterativeSchedule,
  jointsMse,
  memoryStore,
  multiStep,
  ohkm,
  rmsprop,
  sgd,
  weightAverage,
  withTargets,
  type Callback,
  type EpochEvent,
  type FitOptions,
  type StepEvent,
} from 'poseblocks/training';
import { keypointsOf } from 'poseblocks/keypoints';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dotBatches, dots, tinyNetwork } from './support/tiny';

beforeAll(() => useEngine('wasm').then(() => undefined));
const network = () => tinyNetwork();
let made: { dispose(): unknown }[] = [];
const owned = <T extends { dispose(): unknown }>(thing: T): T => (made.push(thing), thing);
let before = 0;
beforeEach(() => {
  made = [];
  before = tf.memory().numTensors;
});
afterEach(() => {
  for (const thing of made) thing.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

function recorder() {
  const steps: StepEvent[] = [];
  const epochs: EpochEvent[] = [];
  let ends = 0;
  const callback: Callback = {
    onStep: (event) => void steps.push(event),
    onEpoch: (event) => void epochs.push(event),
    onEnd: () => void ends++,
  };
  return { steps, epochs, callback, ends: () => ends };
}

const base = (): FitOptions => ({
  epochs: 2,
  batches: dotBatches(3),
  loss: jointsMse,
  optimizer: owned(adam(1e-2)),
});

describe('the loop', () => {
  it('learns, and tells every step and epoch', async () => {
    const seen = recorder();
    const result = await fit(owned(network()), { ...base(), epochs: 8, callbacks: [seen.callback] });
    expect(result.reason).toBe('done');
    expect(result.steps).toBe(24);
    expect(seen.steps.map(({ epoch, batch, step }) => [epoch, batch, step])).toEqual(
      Array.from({ length: 24 }, (_, i) => [Math.floor(i / 3), i % 3, i]),
    );
    expect(seen.epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen.ends()).toBe(1);
    expect(result.history.map(({ loss }) => loss)).toEqual(seen.epochs.map(({ loss }) => loss));
    expect(result.history.at(-1)!.loss).toBeLessThan(0.7 * result.history[0]!.loss);
    const first = seen.steps.slice(0, 3).reduce((sum, { loss }) => sum + loss, 0) / 3;
    expect(result.history[0]!.loss).toBeCloseTo(first, 12);
    expect(result.best!.figure).toBe(Math.min(...result.history.map(({ loss }) => loss)));
  });

  it('does what a plain loop with the same optimiser does, bit for bit', async () => {
    const [one, other] = [owned(network()), owned(network())];
    await fit(one, base());
    const optimizer = owned(adam(1e-2));
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const { images, target, weights } of dotBatches(3)(epoch)) {
        optimizer.minimize(
          () => jointsMse(target, weights, other.apply(images, { training: true }) as tf.Tensor4D),
          false,
          other.trainableWeights.map((weight) => weight.read() as tf.Variable),
        );
        tf.dispose([images, target, weights]);
      }
    }
    for (const [i, weight] of one.weights.entries()) {
      expect(await weight.read().data()).toEqual(await other.weights[i]!.read().data());
    }
  });

  it('leaves frozen layers alone and moves the rest', async () => {
    const net = owned(network());
    net.getLayer('stem.conv').trainable = false;
    const read = async (layer: string) => [...(await net.getLayer(layer).getWeights()[0]!.data())];
    const [stem, body] = [await read('stem.conv'), await read('body.conv')];
    await fit(net, base());
    expect(await read('stem.conv')).toEqual(stem);
    expect(await read('body.conv')).not.toEqual(body);
  });

  it('takes any optimiser of tfjs, several outputs and other losses', async () => {
    const two = owned(tinyNetwork({ outputs: 2 }));
    const optimizer = owned(tf.train.adam(1e-2));
    const loss = intermediateSupervision(ohkm({ topK: 1 }));
    const schedule = multiStep({ rate: 1e-2, milestones: [1] });
    const { history } = await fit(two, { epochs: 2, batches: dotBatches(2), loss, optimizer, schedule });
    expect(history.map(({ learningRate }) => learningRate)).toEqual([1e-2, 1e-3]);
  });

  it('encodes people with the codec, told the epoch', async () => {
    const epochs: number[] = [];
    const crops = function* () {
      const { images, target, weights } = dots(0);
      tf.dispose([target, weights]);
      yield { images, people: Array.from({ length: 4 }, () => keypointsOf('input', [4, 4, 2, 8, 8, 2])) };
    };
    const batches = withTargets(crops, (people, epoch) => {
      epochs.push(epoch);
      return { heatmaps: tf.ones([people.length, 8, 8, 2]), weights: tf.ones([people.length, 2]) };
    });
    await fit(owned(network()), { ...base(), batches });
    expect(epochs).toEqual([0, 1]);
  });
});

describe('accumulation and clipping', () => {
  it('the same batch twice accumulated is the batch once', async () => {
    const networks = [owned(network()), owned(network())];
    const same = (times: number) => () => Array.from({ length: times }, () => dots(0));
    const seen = recorder();
    await fit(networks[0]!, { ...base(), epochs: 1, batches: same(2), accumulate: 2, callbacks: [seen.callback] });
    await fit(networks[1]!, { ...base(), epochs: 1, batches: same(1) });
    expect(seen.steps).toHaveLength(1);
    const kernels = await Promise.all(networks.map((net) => net.getLayer('body.conv').getWeights()[0]!.data()));
    expect(kernels[0]).toEqual(kernels[1]);
  });

  it('two halves accumulated have the gradient of the whole', async () => {
    const x = owned(tf.tidy(() => tf.variable(tf.tensor1d([1, -2]))));
    const data = [1, 2, 3, 4];
    const optimizer = owned(adam(1));
    const gradientsOf = (part: number[]) => {
      const { value, grads } = optimizer.computeGradients(
        () => tf.mean(tf.square(tf.mul(tf.reshape(x, [1, 2]), tf.tensor2d(part, [part.length, 1])))) as tf.Scalar,
        [x],
      );
      value.dispose();
      return grads;
    };
    const accumulator = gradientAccumulator();
    accumulator.add(gradientsOf(data.slice(0, 2)));
    accumulator.add(gradientsOf(data.slice(2)));
    const [halves, whole] = [accumulator.take(), gradientsOf(data)];
    expect([...(await halves[x.name]!.data())]).toEqual([...(await whole[x.name]!.data())]);
    tf.dispose([halves, whole]);
    expect(() => accumulator.take()).toThrow('take needs at least one add before it');
  });

  it('a remainder of the epoch is a step of its own', async () => {
    const seen = recorder();
    await fit(owned(network()), { ...base(), epochs: 1, accumulate: 2, callbacks: [seen.callback] });
    expect(seen.steps.map(({ batch }) => batch)).toEqual([1, 2]);
  });

  it('reports the norm and steps no further than it allows', async () => {
    const seen = recorder();
    const net = owned(network());
    const kernel = async () => [...(await net.getLayer('body.conv').getWeights()[0]!.data())];
    const start = await kernel();
    await fit(net, {
      ...base(),
      optimizer: owned(sgd(1)),
      epochs: 1,
      batches: dotBatches(1),
      clipNorm: 1e-3,
      callbacks: [seen.callback],
    });
    expect(seen.steps[0]!.gradientNorm).toBeGreaterThan(1e-3);
    const moved = Math.hypot(...(await kernel()).map((value, i) => value - start[i]!));
    expect(moved).toBeGreaterThan(1e-5);
    expect(moved).toBeLessThan(1.0001e-3);
  });
});

describe('validation, best, stopping', () => {
  it('keeps the best epoch by the figure named, the later of equals', async () => {
    const figures = [0.1, 0.5, 0.5, 0.2];
    const validate = async (_: unknown, epoch: number) => ({ AP: figures[epoch]! });
    const { best, history } = await fit(owned(network()), { ...base(), epochs: 4, validate, monitor: 'AP' });
    expect(best).toMatchObject({ epoch: 2, figure: 0.5 });
    expect(history.map(({ metrics }) => metrics.AP)).toEqual(figures);
  });

  it('validates only as often as told, and at the end', async () => {
    const at: number[] = [];
    const validate = async (_: unknown, epoch: number) => (at.push(epoch), { PCK: epoch });
    await fit(owned(network()), { ...base(), epochs: 6, validate, validateEvery: 4, monitor: 'PCK' });
    expect(at).toEqual([3, 5]);
  });

  it('a figure that is NaN is never best', async () => {
    const validate = async (_: unknown, epoch: number) => ({ AP: epoch === 0 ? 0.1 : NaN });
    const { best } = await fit(owned(network()), { ...base(), validate, monitor: 'AP' });
    expect(best!.epoch).toBe(0);
  });

  it('stops early', async () => {
    const validate = async () => ({ AP: 0.5 });
    const stopWhen = earlyStop({ metric: 'AP', patience: 2 });
    const result = await fit(owned(network()), { ...base(), epochs: 50, validate, monitor: 'AP', stopWhen });
    expect(result.reason).toBe('stopped');
    expect(result.history).toHaveLength(3);
  });

  it('the average takes the network’s place in validation, and no longer', async () => {
    const net = owned(network());
    const average = owned(weightAverage(net, { decay: 0.5, warmUp: false }));
    const bias = async () => (await net.getLayer('body.conv').getWeights()[1]!.data())[0]!;
    let raw = [await bias()];
    let expected = raw[0]!;
    let inside = NaN;
    const callback: Callback = {
      onStep: async () => {
        raw = [...raw, await bias()];
        expected = 0.5 * expected + 0.5 * raw.at(-1)!;
      },
    };
    const validate = async () => ((inside = await bias()), { PCK: 1 });
    await fit(net, { ...base(), epochs: 1, average, validate, monitor: 'PCK', callbacks: [callback] });
    expect(inside).toBeCloseTo(expected, 6);
    expect(inside).not.toBe(raw.at(-1));
    expect(await bias()).toBe(raw.at(-1));
  });

  it('an aborted run ends after the step under way', async () => {
    const controller = new AbortController();
    const seen = recorder();
    const abort: Callback = { onStep: ({ step }) => void (step === 4 && controller.abort()) };
    const result = await fit(owned(network()), {
      ...base(),
      epochs: 9,
      signal: controller.signal,
      callbacks: [abort, seen.callback],
    });
    expect(result).toMatchObject({ reason: 'aborted', steps: 5 });
    expect(seen.ends()).toBe(1);
  });
});

describe('the iterative strategy', () => {
  it('begins each stage from the best of the one before, with a new optimiser', async () => {
    const net = owned(network());
    const schedule = iterativeSchedule({
      stages: 3,
      epochs: 3,
      restart: 1,
      schedule: multiStep({ rate: 1e-2, milestones: [2] }),
    });
    expect(schedule.epochs).toBe(7);
    const bias = async () => [...(await net.getLayer('body.conv').getWeights()[0]!.data())];
    const after: number[][] = [];
    const figures = [0.1, 0.9, 0.2, 0.3, 0.3, 0.8, 0.1]; // stage 0: epochs 0–2, 1: 3–4, 2: 5–6
    const iterations: number[] = [];
    const starts: number[][] = [];
    const optimizer = owned(adam(1e-2));
    const batches = function* (epoch: number) {
      iterations[epoch] = optimizer.iterations;
      yield* dotBatches(2)(epoch);
    };
    const validate = async (_: unknown, epoch: number) => ((after[epoch] = await bias()), { AP: figures[epoch]! });
    const { history, best } = await fit(net, {
      ...base(),
      optimizer,
      epochs: schedule.epochs,
      schedule,
      batches: async function* (epoch) {
        starts[epoch] = await bias();
        yield* batches(epoch);
      },
      validate,
      monitor: 'AP',
    });
    expect(history.map(({ learningRate }) => Number(learningRate.toPrecision(6)))).toEqual([
      0.01, 0.01, 0.001, 0.01, 0.001, 0.01, 0.001,
    ]);
    expect(iterations).toEqual([0, 2, 4, 0, 2, 0, 2]);
    expect(starts[3]).toEqual(after[1]); // best of stage 0
    expect(starts[5]).toEqual(after[4]); // best of stage 1: of equals the later
    expect(starts[6]).toEqual(after[5]); // within a stage it just goes on
    expect(best).toMatchObject({ epoch: 1, figure: 0.9 });
  });

  it('needs an optimiser that can be reset', async () => {
    const optimizer = owned(tf.train.adam(1e-3));
    const schedule = iterativeSchedule({ stages: 2, epochs: 1, restart: 0 });
    await expect(fit(owned(network()), { ...base(), optimizer, schedule, epochs: 2 })).rejects.toThrow(
      'an iterative schedule needs an optimizer of this library. Received: Adam.',
    );
  });
});

describe('what goes wrong', () => {
  it.each([
    ['no epochs', { epochs: 0 }, 'fit: epochs must be a positive integer. Received: 0.'],
    ['half an accumulation', { accumulate: 0.5 }, 'fit: accumulate must be a positive integer. Received: 0.5.'],
    ['an unmeasured figure', { monitor: 'AP' }, 'fit: monitor "AP" needs validate to measure it.'],
    [
      'a misspelt figure',
      { monitor: 'ap', validate: async () => ({ AP: 1 }) },
      'fit: monitor must name a figure of validate. Received: ap, AP.',
    ],
    ['no batches', { batches: () => [] }, 'fit: epoch 0 must have a batch. Received: none.'],
    [
      'a bad interval',
      { checkpoint: { store: memoryStore(), everySteps: 0 } },
      'everySteps must be a positive integer',
    ],
  ] as [string, Partial<FitOptions>, string][])('%s', async (_name, options, message) => {
    await expect(fit(owned(network()), { ...base(), ...options })).rejects.toThrow(message);
  });

  it('a network frozen all over', async () => {
    const net = owned(network());
    for (const layer of net.layers) layer.trainable = false;
    await expect(fit(net, base())).rejects.toThrow('the network must have a weight that is not frozen');
  });

  it('what a callback, the loss or the batches throw ends the run, and onEnd is called', async () => {
    const fail = (): never => {
      throw new Error('planted');
    };
    const faults: Partial<FitOptions>[] = [
      { callbacks: [{ onStep: fail }] },
      { callbacks: [{ onEpoch: fail }] },
      { loss: fail },
      { validate: fail },
      {
        batches: function* () {
          yield dots(0);
          fail();
        },
      },
    ];
    for (const fault of faults) {
      const seen = recorder();
      const callbacks = [...(fault.callbacks ?? []), seen.callback];
      await expect(fit(owned(network()), { ...base(), ...fault, callbacks })).rejects.toThrow('planted');
      expect(seen.ends()).toBe(1);
    }
  });

  it('rmsprop too leaks nothing over many steps', async () => {
    const net = owned(network());
    const optimizer = owned(rmsprop(1e-3));
    const counts: number[] = [];
    const count: Callback = { onStep: () => void counts.push(tf.memory().numTensors) };
    await fit(net, { ...base(), optimizer, epochs: 10, callbacks: [count] });
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});
