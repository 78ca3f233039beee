import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { useEngine } from 'poseblocks/engines';
import { registerLayers } from 'poseblocks/heads';
import type { PaperNetwork } from 'poseblocks/recipes';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf, reload, variablesOf } from '../support/network';
import { DISTINCT_NETWORKS, sizeOf, smallNetwork } from '../support/paper-network';

/** Weights whose gradient is zero by construction, beyond rounding, and why. */
const ZERO_GRADIENTS: readonly [networks: RegExp, weights: RegExp, reason: string][] = [
  [/^003-lpn\d+-gc/, /\.att\.conv_mask\/bias$/, 'a softmax does not change when all of its input is shifted'],
  [
    /^(002|003-hourglass|003-pyranet)/,
    /^(?!score\.).*\/bias$/,
    'all between image and heatmaps meets only normalisations, which take a constant away: maps are pooled, repeated, summed, 1×1-convolved at most before',
  ],
  [/^001-full/, /^(?!lin1|chantojoints).*\/bias$/, 'the same; here lin1 follows its normalisation'],
  [/^001-stem-original/, /\.cb\.cbr[12]\.conv\/bias$/, 'a normalisation follows, which takes a constant away'],
  [/^001-stem-reduced/, /^start\.c[1-4]\.conv\/bias$/, 'a normalisation follows, which takes a constant away'],
  [
    /^003-cpn50$/,
    /^global_net\.upsamples\.2\.1\/bias$/,
    'the finest level is read through 1×1 convolutions and normalisations only, which take a constant away',
  ],
  [
    /^003-cpn50-(paper|port)/,
    /^global_net\.upsamples\.\d\.2\/beta$/,
    'the same, and of every level, since shortcuts are projected too',
  ],
  [/^001-full/, /^(lin2|jointstochan)\.1\/kernel$/, 'the reference implementation does not use them in the last stack'],
];

beforeAll(() => {
  registerLayers();
  return useEngine('wasm');
});

const valuesOf = async (tensors: readonly tf.Tensor[]): Promise<Float32Array[]> =>
  Promise.all(tensors.map(async (tensor) => (await tensor.data()) as Float32Array));

/** The largest magnitude of each tensor, in one read-back. */
async function magnitudes(tensors: readonly tf.Tensor[]): Promise<Float32Array> {
  const all = tf.tidy(() => tf.stack(tensors.map((tensor) => tf.max(tf.abs(tensor)))));
  const values = (await all.data()) as Float32Array;
  all.dispose();
  return values;
}

/** Every trainable weight has a gradient that is a number, and not zero unless the list above says so. */
async function expectGradients(id: PaperNetwork, network: LayersModel, x: tf.Tensor): Promise<void> {
  const variables = [...variablesOf(network)].filter(([, variable]) => variable.trainable);
  const before = tf.memory().numTensors;
  const { value, grads } = tf.variableGrads(
    () => tf.addN(outputsOf(network, x, true).map((y, i) => tf.sum(tf.mul(y, noise(y.shape, 7 + i))))) as tf.Scalar,
    variables.map(([, variable]) => variable),
  );
  const sizes = await magnitudes(variables.map(([, variable]) => grads[variable.name]!));
  const largest = Math.max(...sizes);
  const rules = ZERO_GRADIENTS.filter(([networks]) => networks.test(id));
  const used = new Set<RegExp>();
  for (const [i, [key]] of variables.entries()) {
    const size = sizes[i]!;
    const rule = rules.find(([, weights]) => weights.test(key));
    if (rule) used.add(rule[1]);
    expect(Number.isFinite(size), key).toBe(true);
    if (rule) expect(size / largest, `${key}: ${rule[2]}`).toBeLessThan(1e-3);
    else expect(size, key).toBeGreaterThan(0);
  }
  expect(used.size, 'every rule is needed').toBe(rules.length);
  expect(variables.length).toBe(network.trainableWeights.length);
  tf.dispose([value, ...Object.values(grads)]);
  expect(tf.memory().numTensors, 'tensors after a step').toBe(before);
}

describe.each(DISTINCT_NETWORKS)('%s', (id) => {
  it('builds, runs, trains, saves, shares nothing and leaks nothing', { timeout: 600_000 }, async () => {
    const start = tf.memory().numTensors;
    const network = smallNetwork(id);
    const x = noise([1, sizeOf(id), sizeOf(id), 3]);
    const outputs = outputsOf(network, x);
    const values = await valuesOf(outputs);
    for (const [i, output] of outputs.entries()) {
      expect(output.shape.slice(1)).toEqual(network.outputs[i]!.shape.slice(1));
      expect(values[i]!.every(Number.isFinite)).toBe(true);
    }
    tf.dispose(outputs);

    const loaded = await reload(network);
    const again = outputsOf(loaded, x);
    expect(await valuesOf(again)).toEqual(values);
    tf.dispose(again);
    loaded.dispose();

    const copy = smallNetwork(id, { initialization: 'none' });
    const [own, others] = [variablesOf(network), variablesOf(copy)];
    expect([...others.keys()]).toEqual([...own.keys()]);
    expect([...others.values()].filter((variable) => [...own.values()].includes(variable))).toEqual([]);
    copy.dispose();

    await expectGradients(id, network, x);
    network.dispose();
    x.dispose();
    expect(tf.memory().numTensors, 'tensors after all').toBe(start);
  });
});
