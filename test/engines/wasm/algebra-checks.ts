import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import * as reference from '../../support/reference-kernels';
import type { Checks, Values } from './kernel-bench';
import { randomSource, runKernel } from './kernel-bench';

type Size = readonly [m: number, k: number, n: number];

/** Products of every transpose, sizes around the kernel's tiles, batches equal, missing and broadcast. */
export async function checkMatMul(checks: Checks): Promise<void> {
  const random = randomSource(3);
  const sizes: Size[] = [
    [1, 1, 1],
    [1, 7, 9],
    [4, 8, 8],
    [5, 3, 17],
    [13, 1, 4],
    [33, 20, 30],
    [70, 513, 41],
    [257, 64, 16],
  ];
  const batches: [number[], number[]][] = [
    [[], []],
    [[1], [1]],
    [[3], [3]],
    [[1], [4]],
    [
      [2, 1],
      [2, 3],
    ],
  ];
  for (const [m, k, n] of sizes) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const [batchA, batchB] of m * k * n > 500_000 ? batches.slice(0, 1) : batches) {
          const a = random([...batchA, ...(transposeA ? [k, m] : [m, k])]);
          const b = random([...batchB, ...(transposeB ? [n, k] : [k, n])]);
          const { shape, data } = batched(a, b, [m, k, n], transposeA, transposeB);
          const label = JSON.stringify({ m, k, n, transposeA, transposeB, batchA, batchB });
          await checks.kernel(
            `BatchMatMul ${label}`,
            ['BatchMatMul', { a, b }, { transposeA, transposeB }],
            data,
            shape,
          );
        }
      }
    }
  }
}

function batched(
  a: Values,
  b: Values,
  size: Size,
  transposeA: boolean,
  transposeB: boolean,
): { shape: number[]; data: Float64Array } {
  const [m, k, n] = size;
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = batch.reduce((p, q) => p * q, 1);
  const data = new Float64Array(count * m * n);
  for (let i = 0; i < count; i++) {
    const pick = (t: Values, stride: number): Float32Array => {
      const own = t.shape.slice(0, -2);
      let rest = i;
      let index = 0;
      let step = 1;
      for (let axis = 1; axis <= batch.length; axis++) {
        const size = own[own.length - axis] ?? 1;
        index += (rest % batch[batch.length - axis]!) * (size > 1 ? step : 0);
        rest = Math.floor(rest / batch[batch.length - axis]!);
        step *= size;
      }
      return t.data.subarray(index * stride, (index + 1) * stride);
    };
    data.set(reference.matMul(pick(a, m * k), pick(b, k * n), size, transposeA, transposeB), i * m * n);
  }
  return { shape: [...batch, m, n], data };
}

/** Reductions over leading axes, and the others beside them. */
export async function checkReductions(checks: Checks): Promise<void> {
  const random = randomSource(4);
  for (const [lead, inner] of [
    [[3, 9, 8], 16],
    [[2, 64, 48], 20],
    [[1, 5, 7], 3],
    [[4, 100, 100], 9],
  ] as const) {
    const x = random([...lead, inner]);
    x.data.forEach((v, i) => (x.data[i] = v + 1));
    const rows = lead[0] * lead[1] * lead[2];
    const sums = reference.columnSums(x.data, rows, inner);
    for (const keepDims of [false, true]) {
      const shape = keepDims ? [1, 1, 1, inner] : [inner];
      const attrs = { axis: [0, 1, 2], keepDims };
      await checks.kernel(`Sum ${x.shape.join()}`, ['Sum', { x }, attrs], sums, shape);
      const means = sums.map((s) => s / rows);
      await checks.kernel(`Mean ${x.shape.join()}`, ['Mean', { x }, attrs], means, shape);
    }
    const rowSums = Float64Array.from({ length: rows }, (_, r) =>
      x.data.subarray(r * inner, (r + 1) * inner).reduce((p, q) => p + q, 0),
    );
    await checks.kernel(`Sum last ${x.shape.join()}`, ['Sum', { x }, { axis: [3], keepDims: false }], rowSums, lead);
  }
}

/** FusedBatchNorm and, through the tape, its gradients. */
export async function checkBatchNorm(checks: Checks): Promise<void> {
  const random = randomSource(5);
  const epsilon = 1e-5;
  for (const [n, h, w, c] of [
    [2, 5, 6, 16],
    [1, 9, 7, 64],
    [3, 4, 4, 5],
    [2, 3, 3, 2],
  ] as const) {
    const x = random([n, h, w, c]);
    const [mean, scale, offset] = [random([c]), random([c]), random([c])];
    const variance = random([c]);
    variance.data.forEach((v, i) => (variance.data[i] = 1.2 + v));
    const values = { x: x.data, mean: mean.data, variance: variance.data, scale: scale.data, offset: offset.data };
    const inputs = { x, mean, variance, scale, offset };
    const wanted = reference.batchNorm(values, epsilon);
    await checks.kernel(`batchNorm ${c}`, ['FusedBatchNorm', inputs, { varianceEpsilon: epsilon }], wanted, x.shape);

    const dy = random(x.shape);
    const expected = reference.batchNormGradients(dy.data, values, epsilon);
    const names = ['x', 'mean', 'variance', 'offset', 'scale'] as const;
    const tensors = names.map((name) => tf.tensor(inputs[name].data, inputs[name].shape));
    const seed = tf.tensor(dy.data, dy.shape);
    const before = tf.memory().numTensors;
    const gradients = tf.grads((...t: tf.Tensor[]) =>
      tf.batchNorm(
        t[0] as tf.Tensor4D,
        t[1] as tf.Tensor1D,
        t[2] as tf.Tensor1D,
        t[3] as tf.Tensor1D,
        t[4] as tf.Tensor1D,
        epsilon,
      ),
    )(tensors, seed);
    expect(tf.memory().numTensors - before).toBe(gradients.length);
    for (const [i, name] of names.entries()) {
      const data = (await gradients[i]!.data()) as Float32Array;
      checks.equal(`batchNorm d${name} ${c}`, { shape: gradients[i]!.shape, data }, expected[name], inputs[name].shape);
    }
    tf.dispose([gradients, tensors, seed]);
  }
}

/** BatchNormTraining and its gradient, with and without the ReLU after it. */
export async function checkBatchNormTraining(checks: Checks): Promise<void> {
  const random = randomSource(6);
  const [epsilon, momentum] = [1e-5, 0.9];
  for (const [n, h, w, c] of [
    [2, 5, 6, 16],
    [1, 19, 17, 64],
    [3, 4, 4, 5],
    [4, 24, 18, 24],
    [1, 31, 29, 38], // more than one block of rows, and a column behind the vectors
    [2, 1, 1, 20], // normalised to ±1: what is left of the gradient is epsilon's
    [1, 1, 1, 7], // to 0
  ] as const) {
    for (const relu of [false, true]) {
      const x = random([n, h, w, c]);
      x.data.forEach((v, i) => (x.data[i] = v + 2 * (i % 3)));
      const dy = random(x.shape);
      const [scale, offset, movingMean, movingVariance] = Array.from({ length: 4 }, () => random([c])) as [
        ReturnType<typeof random>,
        ReturnType<typeof random>,
        ReturnType<typeof random>,
        ReturnType<typeof random>,
      ];
      const attrs = { varianceEpsilon: epsilon, momentum, relu };
      const what = relu ? 'with ReLU ' : '';
      const { y, mean, variance } = reference.batchNormTraining(x.data, scale.data, offset.data, epsilon);
      const rows = n * h * w;
      const wanted = {
        y: relu ? y.map((value) => Math.max(0, value)) : y,
        mean,
        variance,
        movingMean: mean.map((value, i) => momentum * movingMean.data[i]! + (1 - momentum) * value),
        movingVariance: variance.map(
          (value, i) => momentum * movingVariance.data[i]! + ((1 - momentum) * value * rows) / Math.max(rows - 1, 1),
        ),
      };
      const outputs = await runKernel('BatchNormTraining', { x, scale, offset, movingMean, movingVariance }, attrs);
      const shapes = [x.shape, [c], [c], [c], [c]];
      (['y', 'mean', 'variance', 'movingMean', 'movingVariance'] as const).forEach((name, i) =>
        checks.equal(`BatchNormTraining ${what}${name} ${c}`, outputs[i]!, wanted[name], shapes[i]!),
      );
      const inputs = { dy, x, mean: outputs[1]!, variance: outputs[2]!, scale, offset };
      const gradients = await runKernel('BatchNormTrainingGrad', inputs, attrs);
      // The ReLU lets through what the kernel, not the reference in float64, found to be positive.
      const through = dy.data.map((value, i) => (relu && !(outputs[0]!.data[i]! > 0) ? 0 : value));
      const expected = reference.batchNormTrainingGradients(through, x.data, scale.data, epsilon);
      (['x', 'scale', 'offset'] as const).forEach((name, i) =>
        checks.equal(`BatchNormTrainingGrad ${what}${name} ${c}`, gradients[i]!, expected[name], shapes[i]!),
      );
    }
  }
}
