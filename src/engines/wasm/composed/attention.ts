import { add, matMul, mul, reshape, softmax, sub, sum, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

/** See the SIMD kernel of this name. */
export function attentionPool(args: KernelArgs): TensorInfo[] {
  return tidy(() => {
    const x = input(args, 'x');
    const [images, height, width, channels] = x.shape as [number, number, number, number];
    const rows = reshape(x, [images * height * width, channels]);
    const logits = add(matMul(rows, reshape(input(args, 'filter'), [channels, 1])), input(args, 'bias'));
    const weights = softmax(reshape(logits, [images, height * width]));
    const pooled = matMul(
      reshape(weights, [images, 1, height * width]),
      reshape(x, [images, height * width, channels]),
    );
    return [reshape(pooled, [images, 1, 1, channels]), weights];
  });
}

/** See the SIMD kernel of this name. */
export function attentionPoolGradient(args: KernelArgs): TensorInfo[] {
  return tidy(() => {
    const [x, filter, weights] = [input(args, 'x'), input(args, 'filter'), input(args, 'weights')];
    const [images, height, width, channels] = x.shape as [number, number, number, number];
    const pixels = height * width;
    const values = reshape(x, [images, pixels, channels]);
    const dy = reshape(input(args, 'dy'), [images, 1, channels]);
    const pooled = reshape(input(args, 'pooled'), [images, 1, channels]);
    const along = sub(sum(mul(values, dy), 2), sum(mul(pooled, dy), 2));
    const dLogits: Tensor = mul(weights, along);
    const each = reshape(dLogits, [images, pixels, 1]);
    const dx = add(mul(reshape(weights, [images, pixels, 1]), dy), mul(each, reshape(filter, [1, 1, channels])));
    return [reshape(dx, x.shape), reshape(sum(mul(each, values), [0, 1]), filter.shape), zeros([1])];
  });
}
