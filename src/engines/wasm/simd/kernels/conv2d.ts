import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { convInfo } from '../../conv-info';
import type { Shape4D } from '../../conv-info';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import { filterGradientBytes, unfoldingBytes } from '../simd-module';
import type { SimdModule } from '../simd-module';
import { winogradForm, winogradGradient, winogradSize } from '../winograd';
import { matrixAt, multiply, PIECE_ROWS } from './matmul';
import { areFloats, epilogue } from './operands';
import { winogradConvolution, winogradFilterGradient } from './winograd';

type ConvInfo = backend_util.Conv2DInfo;

const channelsFirst = (args: KernelArgs): boolean => args.attrs['dataFormat'] === 'NCHW';

/** A convolution that is a matrix product of its pixels in memory order. */
function isPointwise(info: ConvInfo): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const single = filterHeight * filterWidth === 1 && strideHeight * strideWidth === 1;
  return single && info.inHeight === info.outHeight && info.inWidth === info.outWidth;
}

const valuesOf = (info: ConvInfo): number => info.filterHeight * info.filterWidth * info.inChannels;
const workOf = (info: ConvInfo): number => pixelsOf(info) * valuesOf(info) * info.outChannels;
const pixelsOf = (info: ConvInfo): number => info.batchSize * info.outHeight * info.outWidth;

/** The 3 × 3 convolution with stride 1 from dy to dx; undefined where its padding would be negative. */
function backwardInfo(info: ConvInfo): ConvInfo | undefined {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info;
  const [top, left] = [2 - padInfo.top, 2 - padInfo.left];
  if (top < 0 || left < 0) return undefined;
  return {
    ...info,
    inHeight: outHeight,
    inWidth: outWidth,
    inChannels: outChannels,
    outHeight: inHeight,
    outWidth: inWidth,
    outChannels: inChannels,
    padInfo: { ...padInfo, top, left },
  };
}

/** `Conv2D` and `FusedConv2D`. */
export function conv2d(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  const filter = input(args, 'filter');
  if (channelsFirst(args) || !areFloats(x, filter)) return undefined;
  const info = convInfo(x.shape, filter.shape, args.attrs, false);
  const after = epilogue(args, info.outChannels);
  if (!after || pixelsOf(info) === 0) return undefined;
  const out = module.output(info.outShape);
  const bias = after.bias ? module.pointer(after.bias) : 0;
  const [from, weights, to] = [module.pointer(x), module.pointer(filter), module.pointer(out)];
  const { inChannels, outChannels } = info;
  if (isPointwise(info)) {
    const size = [pixelsOf(info), inChannels, outChannels] as const;
    multiply(module, matrixAt(from, inChannels), matrixAt(weights, outChannels), to, size, bias, after.activation);
    return out;
  }
  const tiles = winogradSize(info);
  const form = winogradForm(tiles, false);
  if (tiles && form) {
    const source = { pointer: weights, gradient: false };
    winogradConvolution(module, info, tiles, form, source, [from, to], bias, after.activation);
    return out;
  }
  const values = valuesOf(info);
  const bytes = unfoldingBytes(values, outChannels, values);
  const split = module.split(workOf(info), pixelsOf(info) / module.threads / PIECE_ROWS);
  const { geometry, scratch } = module.geometry(info, bytes * split.parts);
  const pointers = [from, weights, to, geometry, bias];
  module.parallel('convolution', { ...split, stride: bytes }, ...pointers, after.activation, scratch);
  return out;
}

/** `Conv2DBackpropFilter`. */
export function conv2dBackpropFilter(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  const dy = input(args, 'dy');
  const filterShape = args.attrs['filterShape'] as Shape4D;
  if (channelsFirst(args) || !areFloats(x, dy)) return undefined;
  const info = convInfo(x.shape, filterShape, args.attrs, false);
  const out = module.output(filterShape);
  const [from, gradient, to] = [module.pointer(x), module.pointer(dy), module.pointer(out)];
  const { inChannels, outChannels } = info;
  if (isPointwise(info)) {
    const size = [inChannels, pixelsOf(info), outChannels] as const;
    multiply(module, matrixAt(from, inChannels, true), matrixAt(gradient, outChannels), to, size);
    return out;
  }
  const tiles = winogradSize(info);
  if (tiles && winogradGradient(tiles)) {
    winogradFilterGradient(module, info, tiles, [from, gradient, to]);
    return out;
  }
  const bytes = filterGradientBytes(pixelsOf(info), outChannels);
  const parts = module.parts(workOf(info));
  const { geometry, scratch } = module.geometry(info, bytes * parts);
  module.parallel('convolutionFilterGradient', { parts, stride: bytes }, from, gradient, to, geometry, scratch);
  return out;
}

/** `Conv2DBackpropInput`. */
export function conv2dBackpropInput(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const dy = input(args, 'dy');
  const filter = input(args, 'filter');
  const inputShape = args.attrs['inputShape'] as Shape4D;
  if (channelsFirst(args) || !areFloats(dy, filter)) return undefined;
  const info = convInfo(inputShape, filter.shape, args.attrs, false);
  const out = module.output(inputShape);
  const [gradient, weights, to] = [module.pointer(dy), module.pointer(filter), module.pointer(out)];
  const { inChannels, outChannels } = info;
  if (isPointwise(info)) {
    const size = [pixelsOf(info), outChannels, inChannels] as const;
    multiply(module, matrixAt(gradient, outChannels), matrixAt(weights, outChannels, true), to, size);
    return out;
  }
  const tiles = winogradSize(info, true);
  const form = winogradForm(tiles, false);
  const backwards = tiles && form && backwardInfo(info);
  if (backwards) {
    winogradConvolution(module, backwards, tiles, form, { pointer: weights, gradient: true }, [gradient, to]);
    return out;
  }
  const values = valuesOf(info);
  const bytes = unfoldingBytes(values, values, outChannels);
  const parts = module.parts(workOf(info));
  const { geometry, scratch } = module.geometry(info, bytes * parts);
  module.parallel('convolutionInputGradient', { parts, stride: bytes }, gradient, weights, to, geometry, scratch);
  return out;
}
