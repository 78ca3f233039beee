import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { BatchNormalization, batchNorm, chain, conv, stochasticDepth, upsample } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { registerLayers } from 'poseblocks/heads';
import { stateDict } from 'poseblocks/interop';
import { beforeAll, describe, expect, it } from 'vitest';
import { networkOf, noise, outputsOf, reload, variablesOf } from '../support/network';

beforeAll(() => useEngine('wasm').then(() => registerLayers()));

/** What the first version built from tfjs' own layers: convolution, normalisation, nearest upsampling, dropout of whole samples. */
function savedByFirstVersion(): LayersModel {
  const x = input({ shape: [4, 4, 3], name: 'block.input' });
  const all = [
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false, name: 'block.0' }),
    layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5, name: 'block.1' }),
    layers.upSampling2d({ size: [2, 2], interpolation: 'nearest', name: 'block.2' }),
    layers.dropout({ rate: 0.5, noiseShape: [null as unknown as number, 1, 1, 1], name: 'block.3' }),
  ];
  return model({ inputs: x, outputs: all.reduce((y, layer) => layer.apply(y) as SymbolicTensor, x) });
}
const block = chain([
  conv({ filters: 4, kernelSize: 3 }),
  batchNorm(),
  upsample({ size: 2 }),
  stochasticDepth({ rate: 0.5 }),
]);

describe('networks that the first version saved', () => {
  it('load, and give the same', async () => {
    const old = savedByFirstVersion();
    const loaded = await reload(old);
    const x = noise([2, 4, 4, 3]);
    const [[before], [after]] = [outputsOf(old, x), outputsOf(loaded, x)];
    expect(await after!.data()).toEqual(await before!.data());
  });

  it('have the keys of today, so that their weights go into a network built today', async () => {
    const [old, now] = [savedByFirstVersion(), networkOf(block, [4, 4, 3])];
    expect([...variablesOf(now).keys()]).toEqual([...variablesOf(old).keys()]);
    expect(Object.keys(await stateDict(now))).toEqual(Object.keys(await stateDict(old)));
    now.setWeights(old.getWeights());
    const x = noise([2, 4, 4, 3]);
    const [[before], [after]] = [outputsOf(old, x), outputsOf(now, x)];
    expect(await after!.data()).toEqual(await before!.data());
  });
});

describe('BatchNormalization', () => {
  it('keeps its options when it is saved, frozen statistics too', async () => {
    const x = input({ shape: [2, 2, 3] });
    const layer = new BatchNormalization({ momentum: 0.8, epsilon: 1e-3, frozenStatistics: true, name: 'bn' });
    const loaded = await reload(model({ inputs: x, outputs: layer.apply(x) as SymbolicTensor }));
    expect(loaded.getLayer('bn').getConfig()).toMatchObject({ momentum: 0.8, epsilon: 1e-3, frozenStatistics: true });
  });

  it.each([[[5]], [[3, 5]], [[2, 3, 5]]])('normalises maps of shape %j by their channels', async (shape) => {
    const norm = (): LayersModel => {
      const x = input({ shape });
      return model({ inputs: x, outputs: new BatchNormalization({ name: 'bn' }).apply(x) as SymbolicTensor });
    };
    const x = noise([4, ...shape]);
    const network = norm();
    const [y] = outputsOf(network, x, true);
    const rows = tf.reshape(x, [-1, 5]) as tf.Tensor2D;
    const { mean, variance } = tf.moments(rows, 0);
    const expected = tf.div(tf.sub(rows, mean), tf.sqrt(tf.add(variance, 1e-5)));
    const difference = tf.max(tf.abs(tf.sub(tf.reshape(y!, [-1, 5]), expected)));
    expect((await difference.data())[0]).toBeLessThan(1e-5);
    const count = rows.shape[0];
    const moved = await variablesOf(network).get('bn/moving_variance')!.data();
    const unbiased = await tf.mul(variance, count / (count - 1)).data();
    moved.forEach((value, c) => expect(value).toBeCloseTo(0.9 + 0.1 * unbiased[c]!, 5));
  });
});
