import { reshape, slice, transpose } from '@tensorflow/tfjs-core';
import type { backend_util, Tensor4D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { crop, padOrCrop, phase } from './maps';

type ConvInfo = backend_util.Conv2DInfo;

interface Tap {
  readonly phase: number;
  readonly top: number;
  readonly left: number;
}

function tapsOf(info: ConvInfo): {
  locate(row: number, column: number): Tap;
  phases(x: Tensor4D): Map<number, Tensor4D>;
} {
  const { strideHeight: sh, strideWidth: sw, dilationHeight: dh, dilationWidth: dw } = info;
  const locate = (row: number, column: number): Tap => {
    const y = row * dh;
    const x = column * dw;
    return { phase: (y % sh) * sw + (x % sw), top: Math.floor(y / sh), left: Math.floor(x / sw) };
  };
  const phases = (x: Tensor4D): Map<number, Tensor4D> => {
    const { padInfo, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
    const height = Math.ceil(((outHeight - 1) * sh + (filterHeight - 1) * dh + 1) / sh) * sh;
    const width = Math.ceil(((outWidth - 1) * sw + (filterWidth - 1) * dw + 1) / sw) * sw;
    const { top, left } = padInfo;
    const padded = padOrCrop(x, [top, height - inHeight - top, left, width - inWidth - left]);
    const found = new Map<number, Tensor4D>();
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++) {
        const key = locate(row, column).phase;
        if (!found.has(key)) {
          found.set(key, sh * sw === 1 ? padded : phase(padded, sh, sw, Math.floor(key / sw), key % sw));
        }
      }
    }
    return found;
  };
  return { locate, phases };
}

/** For each filter tap, the pixels of `x` that it reads: `[N, outHeight, outWidth, C]`. */
export function pixelTaps(x: Tensor4D, info: ConvInfo): (row: number, column: number) => Tensor4D {
  const taps = tapsOf(info);
  const phases = taps.phases(x);
  return (row, column) => {
    const tap = taps.locate(row, column);
    return crop(phases.get(tap.phase)!, tap.top, tap.left, info.outHeight, info.outWidth);
  };
}

/** The same with channels first, as the left side of a matrix product: `[C, N·outHeight·outWidth]`. */
export function channelTaps(x: Tensor4D, info: ConvInfo): (row: number, column: number) => Tensor2D {
  const taps = tapsOf(info);
  const phases = new Map<number, Tensor3D>();
  for (const [key, map] of taps.phases(x)) {
    const [n, h, w, c] = map.shape;
    phases.set(key, reshape(transpose(reshape(map, [n * h * w, c]), [1, 0]), [c * n, h, w]));
  }
  const { outHeight, outWidth } = info;
  return (row, column) => {
    const tap = taps.locate(row, column);
    const map = phases.get(tap.phase)!;
    const [cn, h, w] = map.shape;
    const whole = tap.top === 0 && tap.left === 0 && h === outHeight && w === outWidth;
    const window = whole ? map : slice(map, [0, tap.top, tap.left], [cn, outHeight, outWidth]);
    return reshape(window, [info.inChannels, -1]);
  };
}
