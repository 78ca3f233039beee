import { engine, sum } from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/**
 * The gradient of a convolution with bias, run as the kernel `FusedConv2D`: computed per input, and only on request. TensorFlow.js's gradient
 * of `tf.fused.conv2d` always computes all of them, including the image's. For no activation and no dilation.
 */
export const fusedConvolutionGradient: GradConfig = {
  kernelName: 'FusedConv2D',
  inputsToSave: ['x', 'filter'],
  gradFunc: (gradient, [x, filter], attrs) => {
    const { strides, pad, dataFormat, dilations, activation } = attrs;
    if (activation !== 'linear' || String(dilations) !== '1,1') {
      throw new RangeError(
        'FusedConv2D: its gradient needs activation linear and dilations [1, 1]. ' +
          `Received: ${String(activation)}, [${String(dilations)}]. Call tf.fused.conv2d.`,
      );
    }
    const dy = gradient as Tensor;
    const common: NamedAttrMap = { strides: strides!, pad: pad!, dataFormat: dataFormat! };
    return {
      x: () => engine().runKernel('Conv2DBackpropInput', { dy, filter: filter! }, { ...common, inputShape: x!.shape }),
      filter: () =>
        engine().runKernel('Conv2DBackpropFilter', { x: x!, dy }, { ...common, filterShape: filter!.shape }),
      bias: () => sum(dy, [0, 1, 2]),
    };
  },
};
