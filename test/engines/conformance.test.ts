import { TRAINING_KERNELS } from 'poseblocks/engines';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeEngines } from '../support/engines';
import { runConformance } from './conformance/run';

// WebGPU made of software takes minutes: `npm run test:engines` puts it, and Chromium's engines, through the same cases.
describeEngines(
  'conformance',
  () => {
    it('computes every kernel and gradient within 1e-5 of float64', async () => {
      const { kernelNames } = await tf.profile(async () => {
        const results = await runConformance();
        const wrong = Object.entries(results).filter(([, { worst, error }]) => error !== undefined || !(worst <= 1e-5));
        expect(wrong.map(([kernel]) => kernel)).toEqual([]);
        const checks = Object.values(results).reduce((sum, result) => sum + result.checks, 0);
        expect(checks).toBeGreaterThan(1400);
        return tf.scalar(0);
      });
      expect(TRAINING_KERNELS.filter((kernel) => !kernelNames.includes(kernel))).toEqual([]);
    });
  },
  ['wasm', 'cpu', 'tfjs-node'],
);
