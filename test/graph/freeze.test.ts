import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { batchNorm, chain, conv, relu } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { freeze, unfreeze, type FrozenStatistics } from 'poseblocks/graph';
import { registerLayers } from 'poseblocks/heads';
import { freezeBackbone, type Freeze } from 'poseblocks/networks';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf, reload, variablesOf } from '../support/network';

beforeAll(() => useEngine('wasm').then(() => registerLayers()));

const children = ['block.conv1', 'block.bn1', 'block.layer1'];

/** A backbone of three children with two normalisations, and a head; of tfjs' own normalisation where asked, as files of others have. */
function network(stock = false): LayersModel {
  const norm = () =>
    stock
      ? (x: SymbolicTensor, name: string) =>
          layers.batchNormalization({ name, momentum: 0.9 }).apply(x) as SymbolicTensor
      : batchNorm();
  const x = input({ shape: [4, 4, 3] });
  const block = chain({
    conv1: conv({ filters: 4, kernelSize: 3 }),
    bn1: norm(),
    layer1: chain({ conv: conv({ filters: 4, kernelSize: 3 }), bn: norm(), relu: relu() }),
    head: chain({ conv: conv({ filters: 2, kernelSize: 1, useBias: true }), bn: norm() }),
  });
  const made = model({ inputs: x, outputs: block(x, 'block') });
  made.setWeights(made.weights.map((weight, i) => startOf(weight.shape as number[], i)));
  return made;
}
const startOf = (shape: readonly number[], i: number): tf.Tensor => tf.abs(noise(shape, 10 + i));

/** Every weight after two steps of SGD. */
async function trained(of: LayersModel): Promise<Record<string, readonly number[]>> {
  const optimizer = tf.train.sgd(0.1);
  for (let step = 0; step < 2; step++) {
    const variables = of.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const loss = () => tf.mean(tf.square(outputsOf(of, noise([2, 4, 4, 3], 1 + step), true)[0]!)) as tf.Scalar;
    if (variables.length > 0) optimizer.minimize(loss, false, variables);
    else tf.tidy(loss); // statistics may move even so
  }
  const read = [...variablesOf(of)].map(async ([key, variable]) => [key, [...(await variable.data())]] as const);
  return Object.fromEntries(await Promise.all(read));
}

type Step = readonly [name: string, run: (network: LayersModel) => void];
const statistics: readonly FrozenStatistics[] = ['move', 'keep'];
const FREEZES: readonly Step[] = [
  ['freeze(all)', (of) => void freeze(of, 'block')],
  ...statistics.flatMap((each): Step[] => [
    [`freeze(all, ${each})`, (of) => void freeze(of, 'block', { statistics: each })],
    [`freeze(bn1, ${each})`, (of) => void freeze(of, 'block.bn1', { statistics: each })],
    ...(['all', 'all-but-last'] as const satisfies Freeze[]).map((rule): Step => [
      `freezeBackbone(${rule}, ${each})`,
      (of) => freezeBackbone(of, { children }, rule, each),
    ]),
  ]),
];
const UNFREEZES: readonly Step[] = [
  ['unfreeze(all)', (of) => void unfreeze(of, 'block')],
  ['unfreeze(each child)', (of) => void unfreeze(of, [...children, 'block.head'])],
];
const twice = FREEZES.flatMap((first) => FREEZES.map((second) => [first, second] as const));

describe.each([
  ['our normalisation', false],
  ['that of tfjs', true],
])('freezing and unfreezing, with %s', (_, stock) => {
  it(`leaves a network that trains as if it had never been frozen: ${twice.length * UNFREEZES.length} combinations`, async () => {
    const expected = await trained(network(stock));
    for (const freezes of twice) {
      for (const last of UNFREEZES) {
        const of = network(stock);
        const steps = [...freezes, last];
        for (const [, run] of steps) run(of);
        expect(await trained(of), steps.map(([name]) => name).join(', ')).toEqual(expected);
        of.dispose();
      }
    }
  });

  it('holds the same after unfreezing as at first', async () => {
    for (const [name, run] of FREEZES) {
      const [once, again] = [network(stock), network(stock)];
      run(once);
      for (const [, other] of FREEZES) other(again);
      unfreeze(again, 'block');
      run(again);
      expect(await trained(again), name).toEqual(await trained(once));
    }
  });

  it('keeps or moves statistics as the last who named them said', async () => {
    const moved = async (...steps: ((of: LayersModel) => void)[]): Promise<boolean> => {
      const of = network(stock);
      const before = [...(await variablesOf(of).get('block.bn1/moving_mean')!.data())];
      for (const run of steps) run(of);
      return String((await trained(of))['block.bn1/moving_mean']) !== String(before);
    };
    const all = (each?: FrozenStatistics) => (of: LayersModel) =>
      void freeze(of, 'block', each ? { statistics: each } : {});
    expect(await moved(all())).toBe(true);
    expect(await moved(all('keep'))).toBe(false);
    expect(await moved(all('keep'), all())).toBe(false);
    expect(await moved(all('keep'), all('move'))).toBe(true);
    expect(await moved((of) => freezeBackbone(of, { children }, 'all', 'keep'))).toBe(false);
    const keepThen = (rule: Freeze) => (of: LayersModel) => {
      freezeBackbone(of, { children }, 'all', 'keep');
      freezeBackbone(of, { children }, rule);
    };
    expect(await moved(keepThen('none'))).toBe(true);
  });
});

it('what is frozen is saved with the network, and unfrozen after loading', async () => {
  const of = network();
  freezeBackbone(of, { children }, 'all', 'keep');
  const loaded = await reload(of);
  const twin = await reload(of);
  expect(await trained(loaded)).toEqual(await trained(of));
  unfreeze(twin, 'block');
  expect(await trained(twin)).toEqual(await trained(network()));
});

it('reaches into a network used as a layer', async () => {
  const inner = network();
  const x = input({ shape: [4, 4, 3] });
  const outer = model({ inputs: x, outputs: inner.apply(x) as SymbolicTensor });
  const report = freeze(outer, 'block.conv1', { statistics: 'keep' });
  expect(report.frozen).toEqual(['block.conv1']);
  expect(freeze(outer, 'block').trainable).toEqual([]);
  expect(outer.trainableWeights).toEqual([]);
  expect(unfreeze(outer, 'block').frozen).toEqual([]);
});

it('names what it was not given', () => {
  const of = network();
  expect(() => unfreeze(of, 'blok')).toThrow('unfreeze: match must name a layer that has weights. Received: blok;');
  expect(() => unfreeze(of, undefined as never)).toThrow(
    'unfreeze: match must name a layer that has weights. Received: undefined;',
  );
  expect(() => freeze(of, 'block', { statistics: 'stop' as 'keep' })).toThrow(
    "freeze: statistics must be 'move' or 'keep'. Received: stop.",
  );
  expect(() => freezeBackbone(of, { children }, 'most' as 'all')).toThrow(
    "freezeBackbone: freeze must be 'none', 'all-but-last' or 'all'. Received: most.",
  );
});
