import { addN, depthwiseConv2d, mul, reshape, slice, stack, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import { convInfo } from '../conv-info';
import type { Shape4D } from '../conv-info';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';
import { columnSums } from './column-sums';
import { inputGradient } from './input-gradient';
import { pixelTaps } from './taps';

/** `[R, C·m]` as m matrices `[R, C]`: one per output of a channel. */
function splitMultiplier(x: Tensor2D, channels: number, multiplier: number): Tensor2D[] {
  if (multiplier === 1) return [x];
  const rows = x.shape[0];
  const parts = transpose(reshape(x, [rows, channels, multiplier]), [2, 0, 1]);
  return Array.from({ length: multiplier }, (_, q) =>
    reshape(slice(parts, [q, 0, 0], [1, rows, channels]), [rows, channels]),
  );
}

/** dW[tap] = column sums of x[tap] ∘ dy. */
export function depthwiseBackpropFilter(args: KernelArgs): TensorInfo {
  const filterShape = args.attrs['filterShape'] as Shape4D;
  return tidy(() => {
    const x = input<Tensor4D>(args, 'x');
    const info = convInfo(x.shape, filterShape, args.attrs, true);
    const { inChannels, outChannels, filterHeight, filterWidth } = info;
    const multiplier = outChannels / inChannels;
    const gradients = splitMultiplier(reshape(input(args, 'dy'), [-1, outChannels]), inChannels, multiplier);
    const tap = pixelTaps(x, info);
    const sums: Tensor2D[] = [];
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++) {
        sums.push(
          tidy(() => {
            const pixels = reshape(tap(row, column), [-1, inChannels]);
            return stack(
              gradients.map((dy): Tensor1D => columnSums(mul(pixels, dy))),
              1,
            ) as Tensor2D;
          }),
        );
      }
    }
    return reshape(stack(sums, 0), filterShape);
  });
}

/** dx as stride-1 depthwise convolutions of `dy` with the flipped filter, added over the channel multiplier. */
export function depthwiseBackpropInput(args: KernelArgs): TensorInfo {
  const inputShape = args.attrs['inputShape'] as Shape4D;
  return tidy(() => {
    const dy = input<Tensor4D>(args, 'dy');
    const filter = input<Tensor4D>(args, 'filter');
    const info = convInfo(inputShape, filter.shape, args.attrs, true);
    const { inChannels, outChannels, filterHeight, filterWidth, batchSize, outHeight, outWidth } = info;
    requireStrideOrDilation(info.strideHeight, info.dilationHeight);
    requireStrideOrDilation(info.strideWidth, info.dilationWidth);
    const multiplier = outChannels / inChannels;
    const gradients = splitMultiplier(reshape(dy, [-1, outChannels]), inChannels, multiplier);
    const filters = splitMultiplier(reshape(filter, [-1, outChannels]), inChannels, multiplier);
    const parts = gradients.map((gradient, q) =>
      inputGradient(
        reshape(gradient, [batchSize, outHeight, outWidth, inChannels]),
        reshape(filters[q]!, [filterHeight, filterWidth, inChannels, 1]),
        info,
        (source, taps, dilations) => depthwiseConv2d(source, taps, 1, 'valid', 'NHWC', dilations),
      ),
    );
    return parts.length > 1 ? addN(parts) : parts[0]!;
  });
}

function requireStrideOrDilation(stride: number, dilation: number): void {
  if (stride > 1 && dilation > 1) {
    throw new RangeError(
      `DepthwiseConv2dNativeBackpropInput: stride or dilation must be 1. Received: stride=${stride}, dilation=${dilation}.`,
    );
  }
}
