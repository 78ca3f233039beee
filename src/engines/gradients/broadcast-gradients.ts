import { broadcast_util, reshape, sum, tidy } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';

/** Ops whose gradients in TensorFlow.js 4.22 have the result's shape where an input was broadcast. */
export const UNREDUCED = ['Maximum', 'Minimum', 'SquaredDifference'] as const;

/** The stock gradient, summed over the axes along which each input was broadcast. */
export function reduceBroadcast(stock: GradConfig): GradConfig {
  return {
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const gradients = stock.gradFunc(dy, saved, attrs);
      const reduced = (name: string, input: Tensor) => (): Tensor => tidy(() => sumTo(gradients[name]!(), input.shape));
      return { a: reduced('a', saved[0]!), b: reduced('b', saved[1]!) };
    },
  };
}

function sumTo(gradient: Tensor, shape: number[]): Tensor {
  const axes = broadcast_util.getReductionAxes(shape, gradient.shape);
  return reshape(axes.length > 0 ? sum(gradient, axes) : gradient, shape);
}
