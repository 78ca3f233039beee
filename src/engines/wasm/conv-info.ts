import { backend_util } from '@tensorflow/tfjs-core';
import type { NamedAttrMap } from '@tensorflow/tfjs-core';

export type Shape4D = [number, number, number, number];
type ConvInfo = backend_util.Conv2DInfo;
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];
type Rounding = 'floor' | 'round' | 'ceil';

/** The sizes of a call of a convolution kernel, from tfjs's attributes; `shape` and `filter` as in the call. */
export function convInfo(shape: number[], filter: number[], attrs: NamedAttrMap, depthwise: boolean): ConvInfo {
  const format = attrs['dataFormat'] as 'NHWC' | 'NCHW' | undefined;
  return backend_util.computeConv2DInfo(
    shape as Shape4D,
    filter as Shape4D,
    attrs['strides'] as [number, number],
    (attrs['dilations'] as [number, number] | number | undefined) ?? 1,
    attrs['pad'] as Pad,
    attrs['dimRoundingMode'] as Rounding,
    depthwise,
    backend_util.convertConv2DDataFormat(format ?? 'NHWC'),
  );
}

/** The same sizes for a call whose tensors have been transposed from channels first to channels last. */
export function channelsLastInfo(shape: number[], filter: number[], attrs: NamedAttrMap): ConvInfo {
  return convInfo(shape, filter, { ...attrs, dataFormat: 'NHWC', pad: channelsLastPad(attrs) }, false);
}

function channelsLastPad(attrs: NamedAttrMap): NamedAttrMap[string] {
  const pad = attrs['pad'] as Pad;
  if (attrs['dataFormat'] !== 'NCHW' || !Array.isArray(pad)) return attrs['pad']!;
  return [pad[0], pad[2], pad[3], pad[1]] as NamedAttrMap[string];
}

type PoolArgs = Parameters<typeof backend_util.computePool2DInfo>;

/** The sizes of a call of a pooling kernel. */
export function poolInfo(shape: number[], attrs: NamedAttrMap): ConvInfo {
  return backend_util.computePool2DInfo(
    shape as Shape4D,
    attrs['filterSize'] as PoolArgs[1],
    attrs['strides'] as PoolArgs[2],
    1,
    attrs['pad'] as PoolArgs[4],
    attrs['dimRoundingMode'] as PoolArgs[5],
  );
}
