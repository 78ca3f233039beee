import { engine, getBackend, getKernel, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * @internal Layer normalisation over the last axis, [..., C] → [..., C], in one kernel: (x − mean) / √(variance + ε) · scale + offset. Undefined where the current
 * engine has no such kernel.
 */
export function normalizeLayer(x: Tensor, scale: Tensor1D, offset: Tensor1D, epsilon: number): Tensor | undefined {
  if (!getKernel('NormalizeLayer', getBackend())) return undefined;
  return engine().runKernel('NormalizeLayer', { x, scale, offset }, { epsilon }) as Tensor;
}
