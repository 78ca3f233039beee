import { concat, conv2d, matMul, reshape, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import { channelsLastInfo } from '../conv-info';
import type { Shape4D } from '../conv-info';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';
import { inputGradient } from './input-gradient';
import { channelTaps } from './taps';

/** Minimum number of rows of a matrix product; thin inputs share a product between taps. */
const ROWS_PER_PRODUCT = 256;

function channelsLast(x: Tensor4D, channelsFirst: boolean): Tensor4D {
  return channelsFirst ? transpose(x, [0, 2, 3, 1]) : x;
}

/** dW[tap] = x[tap]ᵀ · dy, a matrix product for each group of taps. */
export function conv2dBackpropFilter(args: KernelArgs): TensorInfo {
  const { attrs } = args;
  const first = attrs['dataFormat'] === 'NCHW';
  const filterShape = attrs['filterShape'] as Shape4D;
  return tidy(() => {
    const x = channelsLast(input(args, 'x'), first);
    const dy = channelsLast(input(args, 'dy'), first);
    const info = channelsLastInfo(x.shape, filterShape, attrs);
    const { filterHeight, filterWidth, inChannels, outChannels } = info;
    const gradient: Tensor2D = reshape(dy, [-1, outChannels]);
    const tap = channelTaps(x, info);
    const taps = filterHeight * filterWidth;
    const group = Math.max(1, Math.ceil(ROWS_PER_PRODUCT / inChannels));
    const products: Tensor2D[] = [];
    for (let from = 0; from < taps; from += group) {
      products.push(
        tidy(() => {
          const rows: Tensor2D[] = [];
          for (let k = from; k < Math.min(from + group, taps); k++) {
            rows.push(tap(Math.floor(k / filterWidth), k % filterWidth));
          }
          return matMul(rows.length > 1 ? concat(rows, 0) : rows[0]!, gradient);
        }),
      );
    }
    return reshape(products.length > 1 ? concat(products, 0) : products[0]!, filterShape);
  });
}

/** dx as stride-1 convolutions of `dy` with the flipped, transposed filter. */
export function conv2dBackpropInput(args: KernelArgs): TensorInfo {
  const { attrs } = args;
  const first = attrs['dataFormat'] === 'NCHW';
  const shape = attrs['inputShape'] as Shape4D;
  return tidy(() => {
    const dy = channelsLast(input(args, 'dy'), first);
    const filter = input<Tensor4D>(args, 'filter');
    const inputShape = first ? [shape[0], shape[2], shape[3], shape[1]] : shape;
    const info = channelsLastInfo(inputShape, filter.shape, attrs);
    const dx = inputGradient(dy, filter, info, (source, taps, dilations) =>
      conv2d(source, transpose(taps, [0, 1, 3, 2]), 1, 'valid', 'NHWC', dilations),
    );
    return first ? transpose(dx, [0, 3, 1, 2]) : dx;
  });
}
