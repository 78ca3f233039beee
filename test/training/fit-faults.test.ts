import * as tf from '@tensorflow/tfjs-core';
import { fit, memoryStore, rmsprop, type Callback, type FitOptions } from 'poseblocks/training';
import { describe, expect, it } from 'vitest';
import { base, owned, recorder, withoutLeaks } from './support/fit-runs';
import { dots, tinyNetwork } from './support/tiny';

withoutLeaks();

describe('what goes wrong', () => {
  it.each([
    ['no epochs', { epochs: 0 }, 'fit: epochs must be a positive integer. Received: 0.'],
    ['half an accumulation', { accumulate: 0.5 }, 'fit: accumulate must be a positive integer. Received: 0.5.'],
    ['an unmeasured figure', { monitor: 'AP' }, 'fit: monitor "AP" needs the option validate, which measures it.'],
    [
      'a misspelt figure',
      { monitor: 'ap', validate: async () => ({ AP: 1 }) },
      'fit: monitor must name a metric of validate. Received: ap, AP.',
    ],
    ['no batches', { batches: () => [] }, 'fit: epoch 0 must have a batch. Received: none.'],
    [
      'a bad interval',
      { checkpoint: { store: memoryStore(), everySteps: 0 } },
      'everySteps must be a positive integer',
    ],
  ] as [string, Partial<FitOptions>, string][])('%s', async (_name, options, message) => {
    await expect(fit(owned(tinyNetwork()), { ...base(), ...options })).rejects.toThrow(message);
  });

  it('a network frozen all over', async () => {
    const net = owned(tinyNetwork());
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
      await expect(fit(owned(tinyNetwork()), { ...base(), ...fault, callbacks })).rejects.toThrow('planted');
      expect(seen.ends()).toBe(1);
    }
  });

  it('rmsprop too leaks nothing over many steps', async () => {
    const net = owned(tinyNetwork());
    const optimizer = owned(rmsprop(1e-3));
    const counts: number[] = [];
    const count: Callback = { onStep: () => void counts.push(tf.memory().numTensors) };
    await fit(net, { ...base(), optimizer, epochs: 10, callbacks: [count] });
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});
