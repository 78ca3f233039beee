import { addN, pad, reverse, slice, tidy } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';

interface MirrorPad {
  readonly paddings: readonly (readonly [number, number])[];
  readonly mode: 'reflect' | 'symmetric';
}

/** The gradient of `mirrorPad`: gradients of mirrored pixels are added to their sources. TensorFlow.js 4.22 ignores the mirrored part. */
export const mirrorPadGradient: GradConfig = {
  kernelName: 'MirrorPad',
  inputsToSave: ['x'],
  gradFunc: (dy, _, attrs) => {
    const { paddings, mode } = attrs as unknown as MirrorPad;
    const edge = mode === 'reflect' ? 1 : 0; // whether the pixel at the border is its own mirror image
    const fold = (gradient: Tensor, [before, after]: readonly [number, number], axis: number): Tensor =>
      before + after === 0 ? gradient : foldAxis(gradient, axis, before, after, edge);
    return { x: () => tidy(() => paddings.reduce(fold, dy as Tensor)) };
  },
};

function foldAxis(dy: Tensor, axis: number, before: number, after: number, edge: number): Tensor {
  const size = dy.shape[axis]! - before - after;
  const part = (from: number, length: number): Tensor =>
    slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? from : 0)),
      dy.shape.map((side, i) => (i === axis ? length : side)),
    );
  const place = (mirrored: Tensor, at: number): Tensor =>
    pad(
      reverse(mirrored, axis),
      dy.shape.map((_, i) => (i === axis ? [at, size - at - mirrored.shape[axis]!] : [0, 0])),
    );
  return addN([
    part(before, size),
    ...(before > 0 ? [place(part(0, before), edge)] : []),
    ...(after > 0 ? [place(part(before + size, after), size - after - edge)] : []),
  ]);
}
