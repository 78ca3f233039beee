import * as tf from '@tensorflow/tfjs-core';
import { adam, earlyStop, fit, iterativeSchedule, multiStep, weightAverage, type Callback } from 'poseblocks/training';
import { describe, expect, it } from 'vitest';
import { base, owned, recorder, withoutLeaks } from './support/fit-runs';
import { dotBatches, tinyNetwork } from './support/tiny';

withoutLeaks();

describe('validation, best, stopping', () => {
  it('keeps the best epoch by the figure named, the later of equals', async () => {
    const figures = [0.1, 0.5, 0.5, 0.2];
    const validate = async (_: unknown, epoch: number) => ({ AP: figures[epoch]! });
    const { best, history } = await fit(owned(tinyNetwork()), { ...base(), epochs: 4, validate, monitor: 'AP' });
    expect(best).toMatchObject({ epoch: 2, value: 0.5 });
    expect(history.map(({ metrics }) => metrics.AP)).toEqual(figures);
  });

  it('validates only as often as told, and at the end', async () => {
    const at: number[] = [];
    const validate = async (_: unknown, epoch: number) => (at.push(epoch), { PCK: epoch });
    await fit(owned(tinyNetwork()), { ...base(), epochs: 6, validate, validateEvery: 4, monitor: 'PCK' });
    expect(at).toEqual([3, 5]);
  });

  it('a figure that is NaN is never best', async () => {
    const validate = async (_: unknown, epoch: number) => ({ AP: epoch === 0 ? 0.1 : NaN });
    const { best } = await fit(owned(tinyNetwork()), { ...base(), validate, monitor: 'AP' });
    expect(best!.epoch).toBe(0);
  });

  it('stops early', async () => {
    const validate = async () => ({ AP: 0.5 });
    const stopWhen = earlyStop({ metric: 'AP', patience: 2 });
    const result = await fit(owned(tinyNetwork()), { ...base(), epochs: 50, validate, monitor: 'AP', stopWhen });
    expect(result.reason).toBe('stopped');
    expect(result.history).toHaveLength(3);
  });

  it('the average takes the network’s place in validation, and no longer', async () => {
    const net = owned(tinyNetwork());
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
    const result = await fit(owned(tinyNetwork()), {
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
    const net = owned(tinyNetwork());
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
    expect(best).toMatchObject({ epoch: 1, value: 0.9 });
  });

  it('needs an optimiser that can be reset', async () => {
    const optimizer = owned(tf.train.adam(1e-3));
    const schedule = iterativeSchedule({ stages: 2, epochs: 1, restart: 0 });
    await expect(fit(owned(tinyNetwork()), { ...base(), optimizer, schedule, epochs: 2 })).rejects.toThrow(
      'an iterative schedule needs an optimizer of this library. Received: Adam.',
    );
  });
});
