import { reshape, sum } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';

/** The gradient of `tile`, a sum over the copies along each axis. TensorFlow.js slices out the copies and adds them one by one. */
export const tileGradient: GradConfig = {
  kernelName: 'Tile',
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => ({
    x: () => {
      const shape = x!.shape;
      let gradient = dy as Tensor;
      (attrs['reps'] as unknown as readonly number[]).forEach((copies, axis) => {
        if (copies === 1) return;
        const sizes = gradient.shape;
        const product = (from: number, to: number): number => sizes.slice(from, to).reduce((p, q) => p * q, 1);
        const apart = [product(0, axis), copies, shape[axis]! * product(axis + 1, sizes.length)];
        gradient = reshape(sum(reshape(gradient, apart), 1), [
          ...sizes.slice(0, axis),
          shape[axis]!,
          ...sizes.slice(axis + 1),
        ]);
      });
      return reshape(gradient, shape);
    },
  }),
};
