import * as tf from '@tensorflow/tfjs-core';
import { keypointsOf } from 'poseblocks/keypoints';
import {
  adam,
  fit,
  gradientAccumulator,
  intermediateSupervision,
  jointsMse,
  multiStep,
  ohkm,
  sgd,
  withTargets,
} from 'poseblocks/training';
import { describe, expect, it } from 'vitest';
import { base, owned, recorder, withoutLeaks } from './support/fit-runs';
import { dotBatches, dots, tinyNetwork } from './support/tiny';

withoutLeaks();

describe('the loop', () => {
  it('learns, and tells every step and epoch', async () => {
    const seen = recorder();
    const result = await fit(owned(tinyNetwork()), { ...base(), epochs: 8, callbacks: [seen.callback] });
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
    expect(result.best!.value).toBe(Math.min(...result.history.map(({ loss }) => loss)));
  });

  it('does what a plain loop with the same optimiser does, bit for bit', async () => {
    const [one, other] = [owned(tinyNetwork()), owned(tinyNetwork())];
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
    const net = owned(tinyNetwork());
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
    const batches = withTargets(crops, (epoch) => {
      epochs.push(epoch);
      return {
        encodeBatch: (people) => ({
          target: tf.ones<tf.Rank.R4>([people.length, 8, 8, 2]),
          weights: tf.ones<tf.Rank.R2>([people.length, 2]),
        }),
      };
    });
    await fit(owned(tinyNetwork()), { ...base(), batches });
    expect(epochs).toEqual([0, 1]);
  });
});

describe('accumulation and clipping', () => {
  it('the same batch twice accumulated is the batch once', async () => {
    const networks = [owned(tinyNetwork()), owned(tinyNetwork())];
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
    await fit(owned(tinyNetwork()), { ...base(), epochs: 1, accumulate: 2, callbacks: [seen.callback] });
    expect(seen.steps.map(({ batch }) => batch)).toEqual([1, 2]);
  });

  it('reports the norm and steps no further than it allows', async () => {
    const seen = recorder();
    const net = owned(tinyNetwork());
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
