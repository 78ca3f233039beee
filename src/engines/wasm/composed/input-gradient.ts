import { concat, reverse, slice, tidy, zeros } from '@tensorflow/tfjs-core';
import type { backend_util, Tensor4D } from '@tensorflow/tfjs-core';
import { crop, interleave, padOrCrop } from './maps';

/** For one phase of the input along an axis: the filter taps, and margins of `dy` for a stride-1 convolution. */
export interface PhaseAxis {
  readonly taps: readonly number[];
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

function phaseAxis(
  offset: number,
  padding: number,
  stride: number,
  dilation: number,
  filter: number,
  inSize: number,
  outSize: number,
): PhaseAxis {
  if (stride === 1) {
    const taps = Array.from({ length: filter }, (_, k) => k);
    return { taps, before: dilation * (filter - 1) - padding, after: inSize + padding - outSize, dilation };
  }
  const first = (offset + padding) % stride;
  const taps: number[] = [];
  for (let k = first; k < filter; k += stride) taps.push(k);
  const shift = (offset + padding - first) / stride;
  return { taps, before: taps.length - 1 - shift, after: inSize + shift - outSize, dilation: 1 };
}

/** The taps of one phase of the filter `[kh, kw, …]`, flipped for a correlation. */
function flippedTaps(filter: Tensor4D, rows: PhaseAxis, columns: PhaseAxis): Tensor4D {
  const [height, width] = filter.shape;
  if (rows.taps.length === height && columns.taps.length === width) {
    return height * width === 1 ? filter : reverse(filter, [0, 1]);
  }
  const pick = (x: Tensor4D, axis: 0 | 1, taps: readonly number[]): Tensor4D => {
    const parts = [...taps].reverse().map((tap) => {
      const begin: [number, number, number, number] = [0, 0, 0, 0];
      const size = x.shape.slice() as [number, number, number, number];
      begin[axis] = tap;
      size[axis] = 1;
      return slice(x, begin, size);
    });
    return parts.length > 1 ? concat(parts, axis) : parts[0]!;
  };
  return pick(pick(filter, 0, rows.taps), 1, columns.taps);
}

/** A stride-1, unpadded convolution of `dy` with a flipped part of the filter. */
export type PhaseConvolution = (dy: Tensor4D, taps: Tensor4D, dilations: [number, number]) => Tensor4D;

/**
 * The gradient of a convolution with respect to its input: one stride-1 convolution of `dy` per phase of the
 * stride, interleaved. Dilation is supported with stride 1 only.
 */
export function inputGradient(
  dy: Tensor4D,
  filter: Tensor4D,
  info: backend_util.Conv2DInfo,
  convolve: PhaseConvolution,
): Tensor4D {
  const { strideHeight: sh, strideWidth: sw, padInfo, inHeight, inWidth, inChannels, batchSize } = info;
  const height = Math.ceil(inHeight / sh);
  const width = Math.ceil(inWidth / sw);
  const maps: Tensor4D[] = [];
  for (let row = 0; row < sh; row++) {
    for (let column = 0; column < sw; column++) {
      const y = phaseAxis(row, padInfo.top, sh, info.dilationHeight, info.filterHeight, height, info.outHeight);
      const x = phaseAxis(column, padInfo.left, sw, info.dilationWidth, info.filterWidth, width, info.outWidth);
      maps.push(
        y.taps.length === 0 || x.taps.length === 0
          ? zeros([batchSize, height, width, inChannels])
          : tidy(() => {
              const source = padOrCrop(dy, [y.before, y.after, x.before, x.after]);
              return convolve(source, flippedTaps(filter, y, x), [y.dilation, x.dilation]);
            }),
      );
    }
  }
  const interleaved = maps.length > 1 ? interleave(maps, sh, sw) : maps[0]!;
  return crop(interleaved, 0, 0, inHeight, inWidth);
}
