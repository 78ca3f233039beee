import { getGradient, registerGradient, unregisterGradient } from '@tensorflow/tfjs-core';
import type { GradConfig } from '@tensorflow/tfjs-core';
import { averagePoolGradient } from './average-pool-gradient';
import { reduceBroadcast, UNREDUCED } from './broadcast-gradients';
import { fusedConvolutionGradient } from './fused-convolution-gradient';
import { mirrorPadGradient } from './mirror-pad-gradient';
import { resizeBilinearGradient, resizeNearestGradient } from './resize-gradients';
import { tileGradient } from './tile-gradient';

const ours = /* @__PURE__ */ new WeakSet<GradConfig>();

/**
 * Replaces the gradients that are wrong in TensorFlow.js 4.22 on every engine: bilinear resizing with half-pixel centres, average
 * pooling with padding, mirrored padding, and `maximum`, `minimum` and `squaredDifference` of broadcast tensors; replaces that of `tile` by a sum;
 * and adds that of a fused convolution, which computes only the requested gradients. Idempotent; `useEngine` calls it. TensorFlow.js's own gradients, which importing tfjs-layers registers, must be registered before.
 *
 * @example registerGradients(); // after setBackend of your own, where useEngine is not called
 */
export function registerGradients(): void {
  const configs = [
    resizeBilinearGradient,
    resizeNearestGradient,
    averagePoolGradient,
    mirrorPadGradient,
    fusedConvolutionGradient,
    tileGradient,
  ];
  configs.forEach(replace);
  for (const kernelName of UNREDUCED) {
    const stock = getGradient(kernelName) as GradConfig | undefined;
    if (stock && !ours.has(stock)) replace(reduceBroadcast(stock));
  }
}

function replace(config: GradConfig): void {
  if (ours.has(config) && getGradient(config.kernelName) === config) return;
  if (getGradient(config.kernelName)) unregisterGradient(config.kernelName);
  registerGradient(config);
  ours.add(config);
}
