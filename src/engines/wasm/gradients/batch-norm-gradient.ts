import {
  add,
  clone,
  fused,
  getBackend,
  mul,
  neg,
  reshape,
  rsqrt,
  scalar,
  square,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * The gradient of batch normalisation by channel, without tiling the statistics to the size of `x`:
 * every part is a column sum or a multiply–add of `dy`. Other engines and shapes keep the `previous` gradient.
 */
export function batchNormGradient(previous: GradConfig): GradConfig {
  return {
    kernelName: 'FusedBatchNorm',
    inputsToSave: ['x', 'mean', 'variance', 'scale'],
    gradFunc: (dy, saved, attrs) => {
      const [x, mean, variance, scale] = saved as [Tensor4D, Tensor1D, Tensor1D, Tensor1D | undefined];
      const covered = x.shape.length === 4 && x.dtype === 'float32';
      const byChannel = [mean, variance, scale].every((t) => !t || t.shape.length === 1);
      if (!covered || !byChannel || getBackend() !== 'wasm') return previous.gradFunc(dy, saved, attrs);
      const channels = x.shape[3];
      const flat = (t: Tensor): Tensor => reshape(t, [-1, channels]);
      const rows = flat(dy as Tensor4D);
      const deviation = rsqrt(add(variance, attrs['varianceEpsilon'] as number));
      const factor = scale ? mul(deviation, scale) : mul(deviation, scalar(1));
      const sumDy = sum(rows, 0);
      const sumDyCentred = tidy(() => sub(sum(mul(rows, flat(x)), 0), mul(mean, sumDy)));
      return {
        x: () =>
          fused.depthwiseConv2d({
            x: dy as Tensor4D,
            filter: reshape(factor, [1, 1, channels, 1]),
            strides: 1,
            pad: 0,
          }),
        mean: () => neg(mul(factor, sumDy)),
        variance: () => mul(mul(mul(square(deviation), factor), -0.5), sumDyCentred),
        scale: () => mul(deviation, sumDyCentred),
        offset: () => clone(sumDy),
      };
    },
  };
}
