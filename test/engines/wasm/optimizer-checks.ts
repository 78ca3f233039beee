import * as tf from '@tensorflow/tfjs-core';
import { adam, adamw, radam, rmsprop, sgd, type StatefulOptimizer } from 'poseblocks/training';
import { expect } from 'vitest';
import { randomSource } from './kernel-bench';

const OPTIMIZERS: Readonly<Record<string, () => StatefulOptimizer>> = {
  Adam: () => adam(0.01),
  AdamW: () => adamw(0.02, { weightDecay: 0.3, beta1: 0.8, beta2: 0.99, decays: (name) => name.endsWith('1') }),
  RAdam: () => radam(0.05, { rateScale: (name) => (name.endsWith('2') ? 0.5 : 1) }),
  'RAdam, waiting': () => radam(0.05, { unrectified: 'wait' }),
  RMSprop: () => rmsprop(0.01),
  'RMSprop, centred, with momentum': () => rmsprop(0.01, { momentum: 0.9, centered: true, weightDecay: 0.1 }),
  SGD: () => sgd(0.1),
  'SGD, Nesterov': () => sgd(0.1, { momentum: 0.9, nesterov: true }),
};

const SHAPES = [[1], [3], [2, 9], [3, 3, 7, 16], [64]];
const STEPS = 8;
let runs = 0;

/** The weights after some steps, one after the other. */
async function weightsAfter(make: () => StatefulOptimizer): Promise<number[]> {
  const random = randomSource(11);
  const run = `optimizer${runs++}`;
  const draw = (shape: number[]): tf.Tensor => tf.tensor(Float32Array.from(random(shape).data), shape);
  const variables = SHAPES.map((shape, i) => tf.tidy(() => tf.variable(draw(shape), true, `${run}/${i}`)));
  const optimizer = make();
  for (let step = 0; step < STEPS; step++) {
    const gradients = Object.fromEntries(variables.map(({ name, shape }) => [name, draw(shape)]));
    optimizer.applyGradients(gradients);
    tf.dispose(gradients);
  }
  const values = await Promise.all(variables.map((variable) => variable.data()));
  tf.dispose(variables);
  optimizer.dispose();
  return values.flatMap((array) => Array.from(array));
}

/** Holds an optimiser's one call to its definition in tensors, over weights of all sizes. */
export async function checkOptimizers(): Promise<void> {
  const kernel = tf.getKernel('OptimizerStep', 'wasm');
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    const before = tf.memory().numTensors;
    const fused = await weightsAfter(make);
    tf.unregisterKernel('OptimizerStep', 'wasm');
    const composed = await weightsAfter(make).finally(() => tf.registerKernel(kernel));
    const worst = Math.max(...fused.map((value, i) => Math.abs(value - composed[i]!)));
    expect(worst, name).toBeLessThan(2e-6);
    expect(tf.memory().numTensors, name).toBe(before);
  }
}

/** What shares a variable's data keeps it, and a gradient may be another variable. */
export async function checkSharedData(): Promise<void> {
  const [x, y] = [2, 5].map((value) => tf.tidy(() => tf.variable(tf.fill([20], value)))) as [tf.Variable, tf.Variable];
  const kept = tf.clone(x);
  const optimizer = sgd(0.5);
  optimizer.minimize(() => tf.sum(tf.mul(x, y)), false, [x, y]);
  const firsts = await Promise.all([x, y, kept].map(async (tensor) => (await tensor.data())[0]));
  expect(firsts).toEqual([-0.5, 4, 2]);
  tf.dispose([x, y, kept]);
  optimizer.dispose();
}
