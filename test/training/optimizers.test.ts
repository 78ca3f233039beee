import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { readFileSync } from 'node:fs';
import { adam, adamw, decaysKernelsOnly, radam, rmsprop, sgd, type StatefulOptimizer } from 'poseblocks/training';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEngines } from '../support/engines';

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
const examples = fixture('examples.json');
const torch = fixture('training/optimizers.json');
const gradients: number[] = examples.radam.grads;

const variable = (values: number[], name?: string): tf.Variable =>
  tf.tidy(() => tf.variable(tf.tensor1d(values), true, name));

async function trajectory(optimizer: StatefulOptimizer, name?: string): Promise<number[]> {
  const x = variable([1], name);
  const values: number[] = [];
  for (const gradient of gradients) {
    tf.tidy(() => optimizer.applyGradients({ [x.name]: tf.tensor1d([gradient]) }));
    values.push((await x.data())[0]!);
  }
  x.dispose();
  optimizer.dispose();
  return values;
}

function worst(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
}

beforeAll(() => tf.setBackend('cpu').then(() => undefined));
let tensorsBefore = 0;
beforeEach(() => void (tensorsBefore = tf.memory().numTensors));
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

describe('optimisers equal the float64 references to 1e-6', () => {
  const liu: number[] = examples.radam.liu_degenerate_sgd.map(({ x }: { x: number }) => x);
  const cases: [string, () => StatefulOptimizer, number[]][] = [
    ['RAdam, degenerated to SGD (Liu)', () => radam(1e-3, { unrectified: 'momentum' }), liu],
    ['RAdam, waiting (Liu)', () => radam(1e-3, { unrectified: 'wait' }), examples.radam.liu_default_no_degenerate],
    ['RAdam (torch)', () => radam(1e-3), examples.radam.torch_optim_RAdam_1_13],
    ['RMSprop', () => rmsprop(2.5e-4), examples['rmsprop_alpha0.99_eps1e-8_lr2.5e-4']],
    ['Adam', () => adam(1e-3), examples['adam_lr1e-3']],
    ['AdamW', () => adamw(1e-3), torch.optimizers.adamw],
    [
      'AdamW, other constants',
      () => adamw(1e-2, { weightDecay: 0.5, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 }),
      torch.optimizers['adamw_decay_0.5'],
    ],
    ['RMSprop with momentum', () => rmsprop(2.5e-4, { momentum: 0.9 }), torch.optimizers.rmsprop_momentum],
    ['RMSprop centred', () => rmsprop(2.5e-4, { centered: true }), torch.optimizers.rmsprop_centered],
    ['SGD', () => sgd(0.05), torch.optimizers.sgd],
    ['SGD with momentum', () => sgd(0.05, { momentum: 0.9 }), torch.optimizers.sgd_momentum],
    ['SGD, Nesterov', () => sgd(0.05, { momentum: 0.9, nesterov: true }), torch.optimizers.sgd_nesterov],
  ];
  it.each(cases)('%s', async (_name, make, expected) => {
    expect(worst(await trajectory(make()), expected)).toBeLessThan(1e-6);
  });

  describeEngines(
    'by the kernel of the engine',
    () => {
      afterAll(() => tf.setBackend('cpu').then(() => undefined));
      it.each(cases)('%s', async (_name, make, expected) => {
        expect(tf.getKernel('OptimizerStep', tf.getBackend())).toBeDefined();
        expect(worst(await trajectory(make()), expected)).toBeLessThan(1e-6);
      });
    },
    ['wasm', 'webgpu'],
  );

  it('the references we made agree with those given', () => {
    expect(worst(torch.optimizers.adam, examples['adam_lr1e-3'])).toBeLessThan(1e-12);
    expect(worst(torch.optimizers.radam, examples.radam.torch_optim_RAdam_1_13)).toBeLessThan(1e-12);
  });

  it('a wrong constant does not pass', async () => {
    const off = await trajectory(adam(1e-3, { beta1: 0.89 }));
    expect(worst(off, examples['adam_lr1e-3'])).toBeGreaterThan(1e-5);
  });
});

describe('state', () => {
  it.each([
    ['adam', () => adam(1e-3)],
    ['radam', () => radam(1e-3)],
    ['rmsprop', () => rmsprop(1e-3, { momentum: 0.9, centered: true })],
    ['sgd', () => sgd(1e-2, { momentum: 0.9 })],
  ])('%s goes on bit for bit after getWeights and setWeights', async (_name, make) => {
    const run = async (interrupted: boolean): Promise<number[]> => {
      const x = variable([1, -2]);
      let optimizer: StatefulOptimizer = make();
      const values: number[] = [];
      for (const [i, gradient] of gradients.entries()) {
        tf.tidy(() => optimizer.applyGradients([{ name: x.name, tensor: tf.tensor1d([gradient, -gradient]) }]));
        values.push(...(await x.data()));
        if (!interrupted || i % 3 !== 1) continue;
        const saved = await optimizer.getWeights();
        const next = make();
        await next.setWeights(saved);
        saved[0]!.tensor.dispose();
        optimizer.dispose();
        optimizer = next;
      }
      expect(optimizer.iterations).toBe(gradients.length);
      x.dispose();
      optimizer.dispose();
      return values;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('reset forgets moments and steps', async () => {
    const x = variable([1]);
    const optimizer = adam(1e-3);
    tf.tidy(() => optimizer.applyGradients({ [x.name]: tf.tensor1d([5]) }));
    optimizer.reset();
    expect(optimizer.iterations).toBe(0);
    expect((await optimizer.getWeights()).map(({ name, tensor }) => (tensor.dispose(), name))).toEqual(['iter']);
    x.dispose();
  });

  it('a variable frozen for a step keeps its moments', async () => {
    const [x, y] = [variable([1]), variable([1])];
    const optimizer = adam(0.1);
    const step = (...variables: tf.Variable[]) =>
      tf.tidy(() =>
        optimizer.applyGradients(Object.fromEntries(variables.map(({ name }) => [name, tf.tensor1d([1])]))),
      );
    step(x, y);
    step(y); // tfjs' own Adam, which keeps moments by position, would now give y the moments of x
    step(x, y);
    const names = (await optimizer.getWeights()).map(({ name, tensor }, i) => (i === 0 && tensor.dispose(), name));
    expect(names).toEqual(['iter', `${x.name}/m`, `${x.name}/v`, `${y.name}/m`, `${y.name}/v`]);
    tf.dispose([x, y]);
    optimizer.dispose();
  });

  it('a missing step count is refused', async () => {
    await expect(adam(1e-3).setWeights([])).rejects.toThrow('the first weight must be the step count');
  });
});

describe('weight decay and rates by name', () => {
  it('decays kernels and leaves biases and normalisation alone', async () => {
    const make = () => adamw(0.1, { weightDecay: 0.5, decays: decaysKernelsOnly });
    const decayed = await trajectory(make(), 'decay/conv1/kernel');
    const spared = await trajectory(make(), 'decay/bn1/gamma');
    expect(spared).toEqual(await trajectory(adam(0.1)));
    expect(decayed).not.toEqual(spared);
    expect(
      ['a/kernel', 'a/depthwise_kernel', 'a/kernel_1', 'a/bias', 'a/gamma', 'a/beta'].map(decaysKernelsOnly),
    ).toEqual([true, true, true, false, false, false]);
  });

  it('rateScale multiplies the rate of a variable, 0 freezes it', async () => {
    const scaled = await trajectory(sgd(0.1, { rateScale: () => 0.5 }));
    expect(scaled).toEqual(await trajectory(sgd(0.05)));
    expect(await trajectory(sgd(0.1, { rateScale: () => 0, momentum: 0.9 }))).toEqual(gradients.map(() => 1));
  });
});

it('minimises through the interface of tf.Optimizer', async () => {
  const x = variable([3]);
  const optimizer = adam(0.1);
  const loss = () => tf.sum(tf.square(x)) as tf.Scalar;
  for (let i = 0; i < 100; i++) optimizer.minimize(loss, false, [x]);
  expect(Math.abs((await x.data())[0]!)).toBeLessThan(0.1);
  expect(optimizer instanceof tf.Optimizer).toBe(true);
  tf.dispose(x);
  optimizer.dispose();
});

it.each([
  ['a negative rate', () => adam(-1), 'adam: the learning rate must be finite and not negative. Received: -1.'],
  ['NaN', () => rmsprop(NaN), 'rmsprop: the learning rate must be finite'],
  [
    'a negative decay',
    () => adamw(1, { weightDecay: -1 }),
    'weightDecay must be finite and not negative. Received: -1.',
  ],
  ['Nesterov alone', () => sgd(1, { nesterov: true }), 'sgd: nesterov needs a momentum greater than 0. Received: 0.'],
])('%s is refused', (_name, make, message) => {
  expect(make).toThrow(message);
});
