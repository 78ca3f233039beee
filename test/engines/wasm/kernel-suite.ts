import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { useEngine } from 'poseblocks/engines';
import { describeWasmKernels, registerWasmGradients } from 'poseblocks/engines/wasm';
import type { SimdChoice } from 'poseblocks/engines/wasm';
import { sharing } from '../../../src/engines/wasm/simd/simd-module';
import { checkAttentionPool } from './attention-checks';
import { checkBatchNorm, checkBatchNormTraining, checkMatMul, checkReductions } from './algebra-checks';
import { checkConv2d, checkDepthwise } from './convolution-checks';
import { checkThreads, checkWinograd, checkWinogradRounding } from './winograd-checks';
import { checkAdd, checkLayout, checkMaxPool, checkRelu } from './layout-checks';
import { Checks } from './kernel-bench';
import { checkOptimizers, checkPackedFilters, checkSharedData } from './optimizer-checks';
import { threadsStarted } from '../../support/threads';

/** Waits until our threads have started, and lets them share the smallest kernel. */
async function allThreads(threads: number): Promise<void> {
  sharing.leastWork = 0;
  await threadsStarted(threads);
}

/** Holds every wasm training kernel to the float64 references, with one build of the SIMD module or with none. */
export function describeKernels(simd: SimdChoice, threads = 1): void {
  describe(`wasm training kernels against float64, simd '${simd}', threads ${threads}`, () => {
    beforeAll(async () => {
      await useEngine('wasm', { threads });
      registerWasmGradients({ simd });
      await allThreads(threads);
      expect(describeWasmKernels()).toEqual({ simd, threads });
    });

    test.each([
      ['dense convolution and its gradients', checkConv2d, 1200],
      ['depthwise convolution and its gradients', checkDepthwise, 1500],
      ['matrix products', checkMatMul, 120],
      ['reductions', checkReductions, 20],
      ['batch normalisation and its gradients', checkBatchNorm, 24],
      ['batch normalisation by the batch and its gradients', checkBatchNormTraining, 112],
      ['attention pooling and its gradient', checkAttentionPool, 19],
      ['max pooling and its gradient', checkMaxPool, 40],
      ['relu and its gradient', checkRelu, 8],
      ['sums and their ReLU', checkAdd, 21],
      ['slices, splits and joins', checkLayout, 60],
    ])('%s', async (_, check, atLeast) => {
      const checks = new Checks();
      await check(checks);
      checks.expectAllWithin(atLeast);
    });

    if (simd !== 'off') {
      test("convolutions in Winograd's forms", async () => {
        const checks = new Checks();
        await checkWinograd(checks);
        checks.expectAllWithin(250);
      });
      test("Winograd's forms round to their bounds", checkWinogradRounding);
    }
    if (threads > 1) test('convolutions are the same on any number of threads', checkThreads);

    test('optimisers move all weights as their definitions do', checkOptimizers);
    test('an optimiser moves no tensor but its variables', checkSharedData);
    test('kernels see the filters that an optimiser has moved', checkPackedFilters);

    test('matMul of a reshaped view of a matrix already multiplied by', async () => {
      const b = tf.tensor2d(
        Array.from({ length: 24 }, (_, i) => i),
        [4, 6],
      );
      const products = tf.tidy(() => [
        tf.matMul(tf.ones([2, 4]), b),
        tf.matMul(tf.ones([2, 6]), tf.reshape(b, [6, 4])),
        tf.matMul(tf.ones([2, 4]), b),
        tf.fused.matMul({ a: tf.ones([2, 8]), b: tf.reshape(b, [8, 3]) }),
      ]);
      const rows = await Promise.all(products.map(async (p) => Array.from(await p.data()).slice(0, 4)));
      expect(rows).toEqual([
        [36, 40, 44, 48],
        [60, 66, 72, 78],
        [36, 40, 44, 48],
        [84, 92, 100, 84],
      ]);
      tf.dispose([products, b]);
    });

    test('einsum, segment sums, tile, depthToSpace and casts', async () => {
      const before = tf.memory().numTensors;
      const values = tf.tidy(() => {
        const x = tf.reshape(tf.range(0, 12), [3, 4]);
        const y = tf.reshape(tf.range(0, 8), [4, 2]);
        return [
          tf.einsum('ij,jk->ik', x, y),
          tf.einsum('ij->ji', x),
          tf.einsum('ij->', x),
          tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], 'int32'), 2),
          tf.unsortedSegmentSum(x, tf.tensor1d([-1, 1, 5], 'int32'), 2),
          tf.grad((t) => tf.gather(t, tf.tensor1d([2, 2, 0], 'int32')))(x),
          tf.tile(tf.range(0, 8), [2]),
          tf.tile(tf.reshape(tf.range(0, 8), [1, 8]), [2, 1]),
          tf.depthToSpace(tf.reshape(tf.range(0, 8), [1, 1, 2, 4]), 2, 'NHWC'),
          tf.cast(tf.cast(x, 'int32'), 'float32'),
          tf.clone(x),
        ];
      });
      const got = await Promise.all(values.map(async (t) => ({ shape: t.shape, data: Array.from(await t.data()) })));
      const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
      expect(got).toEqual([
        { shape: [3, 2], data: [28, 34, 76, 98, 124, 162] },
        { shape: [4, 3], data: [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11] },
        { shape: [], data: [66] },
        { shape: [2, 4], data: [4, 5, 6, 7, 8, 10, 12, 14] },
        { shape: [2, 4], data: [0, 0, 0, 0, 4, 5, 6, 7] },
        { shape: [3, 4], data: [1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2] },
        { shape: [16], data: [...counting(8), ...counting(8)] },
        { shape: [2, 8], data: [...counting(8), ...counting(8)] },
        { shape: [1, 2, 4, 1], data: [0, 1, 4, 5, 2, 3, 6, 7] },
        { shape: [3, 4], data: counting(12) },
        { shape: [3, 4], data: counting(12) },
      ]);
      tf.dispose(values);
      expect(tf.memory().numTensors).toBe(before);
    });

    test('a second registration changes nothing', () => {
      const kernel = tf.getKernel('Conv2DBackpropFilter', 'wasm');
      const gradient = tf.getGradient('FusedBatchNorm');
      registerWasmGradients({ simd });
      expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBe(kernel);
      expect(tf.getGradient('FusedBatchNorm')).toBe(gradient);
    });
  });
}
