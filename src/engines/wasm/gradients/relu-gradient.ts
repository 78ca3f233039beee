import { cast, engine, getBackend, getKernel, mul, step } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';

/**
 * The gradient of ReLU from its output, which the next layer keeps anyway, so that its input can be freed; in one
 * pass where the wasm engine has our kernel.
 */
export const reluGradientConfig: GradConfig = {
  kernelName: 'Relu',
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const inputs = { dy: dy as Tensor, y: saved[0]! };
    return {
      x: () =>
        getBackend() === 'wasm' && getKernel('ReluGrad', 'wasm')
          ? engine().runKernel<Tensor>('ReluGrad', inputs, {})
          : mul(inputs.dy, cast(step(inputs.y), 'float32')),
    };
  },
};
