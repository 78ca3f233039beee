import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { convInfo } from '../../conv-info';
import type { Shape4D } from '../../conv-info';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { areFloats } from './operands';

function workOf(info: backend_util.Conv2DInfo): number {
  const outputs = info.batchSize * info.outHeight * info.outWidth * info.outChannels;
  return outputs * info.filterHeight * info.filterWidth;
}

/** `DepthwiseConv2dNativeBackpropFilter`. */
export function depthwiseBackpropFilter(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  const dy = input(args, 'dy');
  const filterShape = args.attrs['filterShape'] as Shape4D;
  if (!areFloats(x, dy)) return undefined;
  const info = convInfo(x.shape, filterShape, args.attrs, true);
  const out = module.output(filterShape);
  const { geometry } = module.geometry(info);
  const pointers = [x, dy, out].map((t) => module.pointer(t));
  module.parallel('depthwiseFilterGradient', module.parts(workOf(info)), ...pointers, geometry);
  return out;
}

/** `DepthwiseConv2dNativeBackpropInput`, the grouped transposed convolution. */
export function depthwiseBackpropInput(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const dy = input(args, 'dy');
  const filter = input(args, 'filter');
  const inputShape = args.attrs['inputShape'] as Shape4D;
  if (!areFloats(dy, filter)) return undefined;
  const info = convInfo(inputShape, filter.shape, args.attrs, true);
  const out = module.output(inputShape);
  const { geometry } = module.geometry(info);
  const pointers = [dy, filter, out].map((t) => module.pointer(t));
  module.parallel('depthwiseInputGradient', module.parts(workOf(info)), ...pointers, geometry);
  return out;
}
