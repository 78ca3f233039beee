import type { backend_util } from '@tensorflow/tfjs-core';
import type { SimdModule } from '../simd-module';
import {
  filterFloats,
  filterScratch,
  gradientBlock,
  gradientScratch,
  tileOf,
  tilesOf,
  winogradBlock,
  winogradScratch,
  type WinogradForm,
  type WinogradSize,
} from '../winograd';

type ConvInfo = backend_util.Conv2DInfo;

/** Number of multiplications of the direct form. */
const workOf = ({ batch, outHeight, outWidth, inChannels, outChannels }: WinogradSize): number =>
  9 * batch * outHeight * outWidth * inChannels * outChannels;

/** Address of a filter [3, 3, in, out], and whether it is that of the input gradient: flipped, with in and out swapped. */
export interface FilterSource {
  readonly pointer: number;
  readonly gradient: boolean;
}

/** Writes the transformed filters of a variant to `to`. */
export function transformFilters(
  module: SimdModule,
  { pointer, gradient }: FilterSource,
  size: WinogradSize,
  form: WinogradForm,
  to: number,
  scratch: number,
  parts: number,
): void {
  const { inChannels, outChannels } = size;
  const row = 4 * (gradient ? inChannels : outChannels);
  const [along, line] = gradient ? [4, row] : [row, 4];
  const source = [pointer, 4 * inChannels * outChannels, along, line, Number(gradient)];
  module.parallel('winogradFilter', parts, ...source, to, form, inChannels, outChannels, scratch);
}

/** y = activation(x * filter + bias), or an input gradient, for which `info` describes the equivalent convolution. */
export function winogradConvolution(
  module: SimdModule,
  info: ConvInfo,
  size: WinogradSize,
  form: WinogradForm,
  filter: FilterSource,
  [x, y]: readonly [number, number],
  bias = 0,
  activation = 0,
): void {
  const parts = module.parts(workOf(size));
  const filterBytes = 4 * filterFloats(size, form);
  const stride = winogradScratch(size, form);
  const bytes = filterBytes + Math.max(filterScratch(size, parts), parts * stride);
  const { geometry, scratch: filters } = module.geometry(info, bytes);
  const scratch = filters + filterBytes;
  transformFilters(module, filter, size, form, filters, scratch, parts);
  const after = [bias, 0, 0, activation];
  const block = winogradBlock(size, form);
  const split = { ...module.split(workOf(size), tilesOf(size, form) / parts / block), stride };
  module.parallel('winogradConvolution', split, x, filters, y, geometry, ...tileOf(form), block, ...after, scratch);
}

/** dw = the filter gradient of a convolution of x whose output has the gradient dy. */
export function winogradFilterGradient(
  module: SimdModule,
  info: ConvInfo,
  size: WinogradSize,
  [x, dy, dw]: readonly [number, number, number],
): void {
  const parts = module.parts(workOf(size));
  const stride = gradientScratch(size, parts);
  const { geometry, scratch } = module.geometry(info, parts * stride);
  const block = gradientBlock(size);
  module.parallel('winogradFilterGradient', { parts, stride }, x, dy, dw, geometry, block, scratch);
}
