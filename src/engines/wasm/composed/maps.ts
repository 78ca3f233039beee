import { concat, pad, reshape, slice, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** Rows and columns `[top, bottom, left, right]` to add around a map, or to remove where negative. */
export type Margins = readonly [top: number, bottom: number, left: number, right: number];

/** A window of `[N, H, W, C]`; the two inner dimensions are merged because the stock slice copies row by row. */
export function crop(x: Tensor4D, top: number, left: number, height: number, width: number): Tensor4D {
  const [n, h, w, c] = x.shape;
  if (top === 0 && left === 0 && height === h && width === w) return x;
  const window = slice(reshape(x, [n, h, w * c]), [0, top, left * c], [n, height, width * c]);
  return reshape(window, [n, height, width, c]);
}

/** `x` with zeros around it, cropped where a margin is negative. */
export function padOrCrop(x: Tensor4D, [top, bottom, left, right]: Margins): Tensor4D {
  const [, h, w] = x.shape;
  const cut = [top, bottom, left, right].map((m) => Math.max(0, -m)) as [number, number, number, number];
  const inner = crop(x, cut[0], cut[2], h - cut[0] - cut[1], w - cut[2] - cut[3]);
  const added = [top, bottom, left, right].map((m) => Math.max(0, m)) as [number, number, number, number];
  if (added.every((m) => m === 0)) return inner;
  return pad(inner, [
    [0, 0],
    [added[0], added[1]],
    [added[2], added[3]],
    [0, 0],
  ]);
}

/** Every `sh`-th row and `sw`-th column from `(row, column)` on; H and W are multiples of the strides. */
export function phase(x: Tensor4D, sh: number, sw: number, row: number, column: number): Tensor4D {
  const [n, h, w, c] = x.shape;
  let part: Tensor = x;
  if (sh > 1) part = slice(reshape(part, [(n * h) / sh, sh * w * c]), [0, row * w * c], [(n * h) / sh, w * c]);
  const rows = (n * h) / sh;
  if (sw > 1) part = slice(reshape(part, [(rows * w) / sw, sw * c]), [0, column * c], [(rows * w) / sw, c]);
  return reshape(part, [n, h / sh, w / sw, c]);
}

/** The inverse of `phase`: `sh`·`sw` maps `[N, h, w, C]`, row phase first, interleaved into `[N, h·sh, w·sw, C]`. */
export function interleave(maps: readonly Tensor4D[], sh: number, sw: number): Tensor4D {
  const [n, h, w, c] = maps[0]!.shape;
  return tidy(() => {
    const rows = Array.from({ length: sh }, (_, row) => {
      const columns = maps.slice(row * sw, (row + 1) * sw);
      return reshape(columns.length > 1 ? concat(columns, 3) : columns[0]!, [n * h, w * sw * c]);
    });
    return reshape(rows.length > 1 ? concat(rows, 1) : rows[0]!, [n, h * sh, w * sw, c]);
  });
}
