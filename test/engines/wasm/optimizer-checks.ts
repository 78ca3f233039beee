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

/** Holds the current engine's `OptimizerStep` to the optimisers' definitions in tensors, over weights of all sizes. */
export async function checkOptimizers(): Promise<void> {
  const engine = tf.getBackend();
  const kernel = tf.getKernel('OptimizerStep', engine);
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    const before = tf.memory().numTensors;
    const fused = await weightsAfter(make);
    tf.unregisterKernel('OptimizerStep', engine);
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

/** Kernels of tfjs keep filters packed by the number of their data: a step in place must make them pack anew. */
export async function checkPackedFilters(): Promise<void> {
  const draw = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape as [number], 0, 1, 'float32', seed);
  const x = draw([1, 9, 8, 6], 1) as tf.Tensor4D;
  const layers: Readonly<Record<string, readonly [shape: number[], run: (w: tf.Tensor4D, b: tf.Tensor) => tf.Tensor]>> =
    {
      depthwise: [[3, 3, 6, 1], (w) => tf.depthwiseConv2d(x, w, 1, 'same')],
      'depthwise of two': [[3, 3, 6, 2], (w) => tf.depthwiseConv2d(x, w, 1, 'same')],
      'depthwise with bias': [
        [3, 3, 6, 1],
        (w, b) =>
          tf.fused.depthwiseConv2d({
            x,
            filter: w,
            strides: 1,
            pad: 'same',
            bias: b as tf.Tensor1D,
            activation: 'relu',
          }),
      ],
      dense: [[3, 3, 6, 5], (w) => tf.conv2d(x, w, 1, 'same')],
      'dense, dilated': [[3, 3, 6, 5], (w) => tf.conv2d(x, w, 1, 'same', 'NHWC', 2)],
      transposed: [[3, 3, 5, 6], (w) => tf.conv2dTranspose(x, w, [1, 18, 16, 5], 2, 'same')],
      PReLU: [[1, 9, 8, 6], (w) => tf.prelu(x, w)],
    };
  for (const [name, [shape, run]] of Object.entries(layers)) {
    // Data of their own, which a step changes in place.
    const [w, b] = [shape, [6]].map((size, i) => tf.tidy(() => tf.variable(draw(size, 2 + i)))) as [
      tf.Variable,
      tf.Variable,
    ];
    tf.dispose(run(w as never, b)); // packs
    const optimizer = sgd(0.5);
    optimizer.applyGradients({ [w.name]: draw(shape, 4), [b.name]: draw([6], 5) });
    const copies = [w, b].map((variable) => tf.tensor(variable.dataSync(), variable.shape));
    const [moved, anew] = await Promise.all(
      [run(w as never, b), run(copies[0] as never, copies[1]!)].map((y) => y.data()),
    );
    const worst = Math.max(...Array.from(moved!, (value, i) => Math.abs(value - anew![i]!)));
    expect(worst, name).toBeLessThan(1e-5);
    tf.dispose([w, b, ...copies]);
    optimizer.dispose();
  }
  x.dispose();
}
