import { clone, engine, getBackend, getKernel } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';

/**
 * The gradient of batch normalisation per channel on wasm in two passes, where the stock gradient tiles the statistics to
 * the size of `x` several times. Other engines and shapes keep the `previous` gradient.
 */
export function batchNormGradient(previous: GradConfig): GradConfig {
  return {
    kernelName: 'FusedBatchNorm',
    inputsToSave: ['x', 'mean', 'variance', 'scale'],
    gradFunc: (dy, saved, attrs) => {
      const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor | undefined];
      const byChannel = [mean, variance, scale].every((t) => !t || t.shape.length === 1);
      const covered = byChannel && x.dtype === 'float32' && x.size > 0;
      if (!covered || getBackend() !== 'wasm' || !getKernel('FusedBatchNormGrad', 'wasm')) {
        return previous.gradFunc(dy, saved, attrs);
      }
      const inputs = { x, dy: dy as Tensor, mean, variance, ...(scale && { scale }) };
      const [dx, dMean, dVariance, dScale, dOffset] = engine().runKernel<Tensor[]>('FusedBatchNormGrad', inputs, attrs);
      return {
        x: () => clone(dx!),
        mean: () => clone(dMean!),
        variance: () => clone(dVariance!),
        scale: () => clone(dScale!),
        offset: () => clone(dOffset!),
      };
    },
  };
}
