import { add, fused, mul, neg, reshape, rsqrt, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

/** `FusedBatchNorm` by channel as a 1×1 depthwise convolution with a bias, which XNNPACK does ten times faster. */
export function fusedBatchNorm(args: KernelArgs): TensorInfo | undefined {
  const x = input<Tensor4D>(args, 'x');
  const mean = input<Tensor1D>(args, 'mean');
  const offset = args.inputs['offset'] as Tensor1D | undefined;
  const scale = args.inputs['scale'] as Tensor1D | undefined;
  const channels = x.shape[3];
  const byChannel = [mean, input(args, 'variance'), offset, scale].every((t) => !t || t.shape.length === 1);
  if (x.dtype !== 'float32' || x.shape.length !== 4 || !byChannel || channels < 4 || x.size === 0) return undefined;
  return tidy((): Tensor => {
    const deviation = rsqrt(add(input(args, 'variance'), args.attrs['varianceEpsilon'] as number));
    const factor = scale ? mul(deviation, scale) : deviation;
    const shift = neg(mul(mean, factor));
    return fused.depthwiseConv2d({
      x,
      filter: reshape(factor, [1, 1, channels, 1]),
      strides: 1,
      pad: 0,
      bias: offset ? add(shift, offset) : shift,
      activation: 'linear',
    });
  });
}
