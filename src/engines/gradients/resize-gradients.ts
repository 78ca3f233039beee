import { avgPool, matMul, mul, reshape, tensor2d, tidy, transpose } from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';

interface Resize {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** The position of an output pixel on the input's grid. */
function place(i: number, from: number, to: number, { alignCorners, halfPixelCenters }: Resize): number {
  if (alignCorners && to > 1) return (i * (from - 1)) / (to - 1);
  return halfPixelCenters ? ((i + 0.5) * from) / to - 0.5 : (i * from) / to;
}

/** The weights along an axis, `[from, to]`: the contribution of each input pixel to each output pixel. */
function weights(from: number, to: number, resize: Resize, nearest: boolean): Tensor {
  const matrix = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const position = place(i, from, to, resize);
    if (nearest) {
      const pixel = resize.alignCorners
        ? Math.round(position)
        : Math.floor(position + (resize.halfPixelCenters ? 0.5 : 0));
      matrix[Math.min(from - 1, Math.max(0, pixel)) * to + i] = 1;
      continue;
    }
    const inside = Math.max(0, position);
    const low = Math.min(Math.floor(inside), from - 1);
    const share = Math.min(inside - low, 1);
    matrix[low * to + i]! += 1 - share;
    matrix[Math.min(low + 1, from - 1) * to + i]! += share;
  }
  return tensor2d(matrix, [from, to]);
}

/** Resizing is a matrix product along each axis; its gradient multiplies by the transposed matrices. */
function separable(dy: Tensor4D, input: Tensor4D, resize: Resize, nearest: boolean): Tensor4D {
  const [batch, height, width, channels] = input.shape;
  const [, outHeight, outWidth] = dy.shape;
  // [N·H', W', C] → [N·H', C, W'] · [W', W], with one matrix for all rows
  const columns = transpose(reshape(dy, [batch * outHeight, outWidth, channels]), [0, 2, 1]);
  const across = matMul(reshape(columns, [-1, outWidth]), weights(width, outWidth, resize, nearest), false, true);
  const rows = transpose(reshape(across, [batch, outHeight, channels * width]), [0, 2, 1]);
  const down = matMul(reshape(rows, [-1, outHeight]), weights(height, outHeight, resize, nearest), false, true);
  return transpose(reshape(down, [batch, channels, width, height]), [0, 3, 2, 1]) as Tensor4D;
}

function gradient(
  kernelName: string,
  gradientOf: (dy: Tensor4D, input: Tensor4D, resize: Resize) => Tensor4D,
): GradConfig {
  return {
    kernelName,
    inputsToSave: ['images'],
    gradFunc: (dy, saved, attrs: NamedAttrMap) => ({
      images: () => tidy(() => gradientOf(dy as Tensor4D, saved[0] as Tensor4D, attrs as unknown as Resize)),
    }),
  };
}

/**
 * The gradient of bilinear resizing. TensorFlow.js 4.22's kernels ignore half-pixel centres in the gradient, and the cpu engine's supports only
 * square images.
 */
export const resizeBilinearGradient: GradConfig = /* @__PURE__ */ gradient('ResizeBilinear', (dy, input, resize) =>
  separable(dy, input, resize, false),
);

/** The gradient of nearest-neighbour resizing, for the same reasons; integer upscaling sums blocks. */
export const resizeNearestGradient: GradConfig = /* @__PURE__ */ gradient(
  'ResizeNearestNeighbor',
  (dy, input, resize) => {
    const scale = [dy.shape[1] / input.shape[1], dy.shape[2] / input.shape[2]] as [number, number];
    if (resize.alignCorners || !scale.every(Number.isInteger)) return separable(dy, input, resize, true);
    return mul(avgPool(dy, scale, scale, 'valid'), scale[0] * scale[1]);
  },
);
