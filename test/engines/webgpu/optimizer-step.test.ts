import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { disposeEngine } from 'poseblocks/engines';
import { adam, sgd } from 'poseblocks/training';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeEngines } from '../../support/engines';
import { optimizerProgram } from '../../../src/engines/webgpu/optimizer-program';
import { ruleShader } from '../../../src/engines/webgpu/optimizer-shader';
import { checkOptimizers, checkSharedData } from '../wasm/optimizer-checks';

it('the pipelines of different code have different keys', () => {
  const weight = { size: 3, step: 0.1, keep: 1 };
  const [adaptive, descent, rmsprop] = [
    { kind: 'adaptive', beta1: 0.9, beta2: 0.99, scale: 1, epsilon: 1e-8 },
    { kind: 'descent' },
    { kind: 'rmsprop', alpha: 0.9, epsilon: 1e-8 },
  ] as const;
  const rules = [
    ...[true, false].map((divides) => [{ ...adaptive, divides }, 2] as const),
    [{ ...descent, momentum: 0, nesterov: false }, 0] as const,
    ...[true, false].map((nesterov) => [{ ...descent, momentum: 0.9, nesterov }, 1] as const),
    ...[0, 0.9].flatMap((momentum) =>
      [true, false].map(
        (centered) => [{ ...rmsprop, momentum, centered }, 1 + Number(centered) + Number(momentum > 0)] as const,
      ),
    ),
  ];
  const programs = rules.flatMap(([rule, running]) =>
    [1, 2].map((count) => optimizerProgram(ruleShader(rule), Array(count).fill(weight), running, 65535)),
  );
  expect(new Set(programs.map(({ shaderKey }) => shaderKey)).size).toBe(programs.length);
  expect(new Set(programs.map((program) => program.getUserCode())).size).toBe(programs.length);
});

describeEngines(
  "the optimisers' step in WGSL",
  () => {
    let tensors = 0;
    beforeEach(() => void (tensors = tf.memory().numTensors));
    afterEach(() => expect(tf.memory().numTensors).toBe(tensors));
    afterAll(() => disposeEngine());

    it('equals the definition in tensors, over weights of all sizes', checkOptimizers);

    it('leaves the data of other tensors, and takes gradients that are variables', checkSharedData);

    it('changes what was read before it, and what a small tensor gives the CPU', async () => {
      const x = variable(tf.tensor1d([1, 2]));
      const optimizer = sgd(0.5, { momentum: 0.5 });
      for (const expected of [
        [0.5, 1],
        [-0.25, -0.5],
      ]) {
        tf.tidy(() => optimizer.applyGradients({ [x.name]: tf.tensor1d([1, 2]) }));
        expect([...(await x.data())]).toEqual(expected);
        const doubled = tf.mul(x, 2);
        expect([...(await doubled.data())]).toEqual(expected.map((value) => 2 * value));
        doubled.dispose();
      }
      const [, { tensor: buffer }] = (await optimizer.getWeights()).map((entry, i) => {
        if (i === 0) entry.tensor.dispose();
        return entry;
      }) as [unknown, { tensor: tf.Tensor }];
      expect([...(await buffer.data())]).toEqual([1.5, 3]);
      x.dispose();
      optimizer.dispose();
    });

    it('updates two weights per dispatch with Adam, four with plain descent', () => {
      const weights = [[2, 3], [7], [1], [4], [5]].map((shape) => variable(tf.ones(shape)));
      const gradients = Object.fromEntries(weights.map((x) => [x.name, tf.onesLike(x)]));
      const dispatch = vi.spyOn(GPUComputePassEncoder.prototype, 'dispatchWorkgroups');
      for (const [make, expected] of [
        [() => adam(0.1), 3],
        [() => sgd(0.1), 2],
      ] as const) {
        const optimizer = make();
        optimizer.applyGradients(gradients); // also makes the running values
        dispatch.mockClear();
        optimizer.applyGradients(gradients);
        expect(dispatch).toHaveBeenCalledTimes(expected);
        optimizer.dispose();
      }
      dispatch.mockRestore();
      tf.dispose([weights, gradients]);
    });

    it('updates a weight of more elements than one dimension of a dispatch has', async () => {
      const { limits } = device();
      const size = 64 * limits.maxComputeWorkgroupsPerDimension + 3;
      const [x, y] = [variable(tf.ones([size])), variable(tf.ones([5]))];
      const optimizer = adam(0.5);
      tf.tidy(() => optimizer.applyGradients({ [x.name]: tf.ones([size]), [y.name]: tf.ones([5]) }));
      const values = await x.data();
      expect([...values.filter((value) => Math.abs(value - 0.5) > 1e-6)]).toEqual([]);
      expect((await y.data()).every((value) => Math.abs(value - 0.5) <= 1e-6)).toBe(true);
      tf.dispose([x, y]);
      optimizer.dispose();
    });

    it('leaves a weight without elements, and updates those beside it', async () => {
      const [empty, x] = [variable(tf.zeros([0, 3])), variable(tf.ones([3]))];
      const optimizer = adam(0.5);
      tf.tidy(() => optimizer.applyGradients({ [empty.name]: tf.zeros([0, 3]), [x.name]: tf.ones([3]) }));
      expect((await x.data()).every((value) => Math.abs(value - 0.5) <= 1e-6)).toBe(true);
      tf.dispose([empty, x]);
      optimizer.dispose();
    });

    it('keeps the memory of the GPU flat, without an error of the device', async () => {
      const errors: string[] = [];
      device().addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
      const weights = [[3, 3, 4, 8], [8], [8]].map((shape) => variable(tf.ones(shape)));
      const optimizer = adam(0.01);
      const step = async (): Promise<number> => {
        tf.tidy(() => optimizer.applyGradients(Object.fromEntries(weights.map((x) => [x.name, tf.onesLike(x)]))));
        await weights[0]!.data();
        return (tf.memory() as unknown as { numBytesAllocatedInGPU: number }).numBytesAllocatedInGPU;
      };
      for (let i = 0; i < 3; i++) await step();
      const bytes = await step();
      for (let i = 0; i < 10; i++) expect(await step()).toBe(bytes);
      expect(errors).toEqual([]);
      tf.dispose(weights);
      optimizer.dispose();
    });
  },
  ['webgpu'],
);

function variable(value: tf.Tensor): tf.Variable {
  const result = tf.variable(value);
  value.dispose();
  return result;
}

function device(): GPUDevice {
  return (tf.backend() as WebGPUBackend).device;
}
