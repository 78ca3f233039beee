import type { TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { areFloats, floatsOf } from './operands';

interface Size {
  readonly images: number;
  readonly pixels: number;
  readonly channels: number;
}

const sizeOf = ({ shape: [images, height, width, channels] }: TensorInfo): Size => ({
  images: images!,
  pixels: height! * width!,
  channels: channels!,
});

/** `AttentionPool`: x [N, H, W, C], filter [1, 1, C, 1], bias [1] → Σₚ softmax(x · filter + bias)ₚ xₚ, [N, 1, 1, C], and the softmax, [N, H · W]. */
export function attentionPool(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const [x, filter, bias] = [input(args, 'x'), input(args, 'filter'), input(args, 'bias')];
  if (!areFloats(x, filter, bias)) return undefined;
  const { images, pixels, channels } = sizeOf(x);
  const pooled = module.output([images, 1, 1, channels]);
  const weights = module.output([images, pixels]);
  const logits = module.scratch(4 * images * pixels);
  const [from, to, shares] = [x, pooled, weights].map((t) => module.pointer(t)) as [number, number, number];
  const [w, b] = [module.pointer(filter), module.pointer(bias)];
  const parts = module.parts(4 * images * pixels * channels);
  module.parallel('rowDots', parts, from, w, b, logits, images * pixels, channels);
  module.parallel('softmaxRows', module.parts(4 * images * pixels), logits, shares, images, pixels);
  module.parallel('attentionPool', parts, from, shares, to, images, pixels, channels, 0);
  return [pooled, weights];
}

/** `AttentionPoolGrad`: dy, x, filter, and what `AttentionPool` gave → the gradients of x, filter and bias. */
export function attentionPoolGradient(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const [dy, x, filter] = [input(args, 'dy'), input(args, 'x'), input(args, 'filter')];
  const [pooled, weights] = [input(args, 'pooled'), input(args, 'weights')];
  if (!areFloats(dy, x, filter, pooled, weights)) return undefined;
  const { images, pixels, channels } = sizeOf(x);
  const [dx, dFilter, dBias] = [x.shape, filter.shape, [1]].map((shape) => module.output(shape)) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const logits = module.scratch(4 * images * (pixels + channels));
  const sums = logits + 4 * images * pixels;
  const parts = module.parts(4 * images * pixels * channels);
  const from = [x, weights, pooled, dy, filter, dx].map((t) => module.pointer(t));
  module.parallel('attentionPoolGradient', parts, ...from, logits, images, pixels, channels);
  module.parallel('attentionPool', parts, from[0]!, logits, sums, images, pixels, channels, 0);
  module.parallel('columnSums', 1, sums, module.pointer(dFilter), images, channels, 1);
  // The same number added to all logits changes no softmax.
  floatsOf(module, dBias)[0] = 0;
  return [dx, dFilter, dBias];
}
