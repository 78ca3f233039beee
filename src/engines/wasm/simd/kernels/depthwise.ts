import { util } from '@tensorflow/tfjs-core';
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { convInfo } from '../../conv-info';
import type { Shape4D } from '../../conv-info';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { areFloats, epilogue } from './operands';

function workOf(info: backend_util.Conv2DInfo): number {
  const outputs = info.batchSize * info.outHeight * info.outWidth * info.outChannels;
  return outputs * info.filterHeight * info.filterWidth;
}

/** `DepthwiseConv2dNative` and `FusedDepthwiseConv2D`, of multiplier 1. */
export function depthwiseConv2d(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const [x, filter] = [input(args, 'x'), input(args, 'filter')];
  if (args.attrs['dataFormat'] === 'NCHW' || filter.shape[3] !== 1 || !areFloats(x, filter)) return undefined;
  const info = convInfo(x.shape, filter.shape, args.attrs, true);
  const after = epilogue(args, info.outChannels);
  if (!after || util.sizeFromShape(info.outShape) === 0) return undefined;
  const out = module.output(info.outShape);
  const bias = after.bias ? module.pointer(after.bias) : 0;
  const { geometry } = module.geometry(info);
  const pointers = [x, filter, out].map((t) => module.pointer(t));
  module.parallel('depthwiseConvolution', module.split(workOf(info)), ...pointers, geometry, bias, after.activation);
  return out;
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
  module.parallel('depthwiseInputGradient', module.split(workOf(info)), ...pointers, geometry, 0, 0);
  return out;
}
