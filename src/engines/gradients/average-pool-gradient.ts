import { avgPool, backend_util, div, engine, ones, pad as padTensor, slice, tidy } from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, Tensor4D } from '@tensorflow/tfjs-core';

interface Pool {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: Parameters<typeof backend_util.computePool2DInfo>[4];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Average pooling excludes padding from its means, but TensorFlow.js 4.22's cpu, wasm, webgl and webgpu kernels ignore this in the
 * gradient. Here each output's gradient is first divided by the fraction of its window that is inside, and padding is then explicit.
 */
export const averagePoolGradient: GradConfig = {
  kernelName: 'AvgPool',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => ({
    x: () => tidy(() => gradientOfInput(dy as Tensor4D, saved[0] as Tensor4D, attrs)),
  }),
};

function gradientOfInput(dy: Tensor4D, x: Tensor4D, attrs: NamedAttrMap): Tensor4D {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as Pool;
  const { padInfo } = backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = padInfo;
  if (top + bottom + left + right === 0) return average(dy, x, attrs);
  const [, height, width] = x.shape;
  const padding: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const inside = padTensor(ones([1, height, width, 1]), padding) as Tensor4D;
  const share = div(dy, avgPool(inside, filterSize, strides, 'valid')) as Tensor4D;
  return slice(average(share, padTensor(x, padding), attrs), [0, top, left, 0], x.shape);
}

/** The stock kernel, which is correct without padding. */
function average(dy: Tensor4D, input: Tensor4D, attrs: NamedAttrMap): Tensor4D {
  const { filterSize, strides } = attrs as unknown as Pool;
  return engine().runKernel('AvgPoolGrad', { dy, input }, { filterSize, strides, pad: 'valid' }) as Tensor4D;
}
