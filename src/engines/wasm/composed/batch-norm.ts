import {
  add,
  cast,
  fused,
  mean,
  mul,
  neg,
  relu,
  reshape,
  rsqrt,
  square,
  step,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';
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

/** See the SIMD kernel of this name. */
export function batchNormTraining(args: KernelArgs): TensorInfo[] {
  const momentum = args.attrs['momentum'] as number;
  const moved = (name: string, value: Tensor): Tensor =>
    add(mul(input(args, name), momentum), mul(value, 1 - momentum));
  return tidy(() => {
    const x = input(args, 'x');
    const rows = rowsOf(x);
    const count = rows.shape[0];
    const centre: Tensor1D = mean(rows, 0);
    const centred = sub(rows, centre);
    const variance: Tensor1D = mean(square(centred), 0);
    const factor = mul(input(args, 'scale'), rsqrt(add(variance, epsilonOf(args))));
    const y = add(mul(centred, factor), input(args, 'offset'));
    return [
      reshape(args.attrs['relu'] ? relu(y) : y, x.shape),
      centre,
      variance,
      moved('movingMean', centre),
      moved('movingVariance', mul(variance, count / Math.max(count - 1, 1))),
    ];
  });
}

/** See the SIMD kernel of this name. */
export function batchNormTrainingGradient(args: KernelArgs): TensorInfo[] {
  return tidy(() => {
    const x = rowsOf(input(args, 'x'));
    const count = x.shape[0];
    const inverse = rsqrt(add(input(args, 'variance'), epsilonOf(args)));
    const centred = sub(x, input(args, 'mean'));
    const normalized = mul(centred, inverse);
    const factor = mul(input(args, 'scale'), inverse);
    let dy: Tensor = rowsOf(input(args, 'dy'));
    if (args.attrs['relu']) dy = mul(dy, cast(step(add(mul(centred, factor), input(args, 'offset'))), 'float32'));
    const dOffset: Tensor1D = sum(dy, 0);
    const dScale: Tensor1D = sum(mul(dy, normalized), 0);
    const fromMean = sub(dy, mul(dOffset, 1 / count));
    // With two values, only epsilon's part of their difference remains: see the SIMD kernel.
    const dx =
      count <= 2
        ? mul(fromMean, mul(mul(factor, epsilonOf(args)), square(inverse)))
        : mul(sub(fromMean, mul(normalized, mul(dScale, 1 / count))), factor);
    return [reshape(dx, input(args, 'x').shape), dScale, dOffset];
  });
}
