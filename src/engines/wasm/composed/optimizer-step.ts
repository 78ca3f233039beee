import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelArgs } from '../kernel-route';

/** `OptimizerStep` without our module: one output, which means that nothing was done. */
export function noOptimizerStep({ backend }: KernelArgs): TensorInfo[] {
  return [backend.makeOutput([], 'bool')];
}
