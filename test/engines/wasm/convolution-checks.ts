import * as tf from '@tensorflow/tfjs-core';
import * as reference from '../../support/reference-kernels';
import type { Checks } from './kernel-bench';
import { randomSource } from './kernel-bench';

type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];

interface Case {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: Pad;
  readonly size: readonly [number, number];
}

/** Strides 1–3, kernels 1–7, every kind of padding, odd and even sizes, dilation 1–2. */
function* cases(dilations: readonly number[]): Generator<Case> {
  for (const kernel of [1, 2, 3, 4, 5, 7]) {
    for (const stride of [1, 2, 3]) {
      const asymmetric: Pad = [
        [0, 0],
        [1, 0],
        [0, 2],
        [0, 0],
      ];
      const pads: Pad[] = ['same', 'valid', Math.floor(kernel / 2), asymmetric];
      for (const pad of kernel === 1 ? pads.slice(0, 3) : pads) {
        for (const size of [
          [12, 9],
          [13, 16],
          [8, 8],
        ] as const) {
          for (const dilation of dilations) {
            if (stride === 1 || dilation === 1) yield { kernel, stride, dilation, pad, size };
          }
        }
      }
    }
  }
}

function sizes(c: Case, shape: number[], filter: number[], depthwise: boolean): tf.backend_util.Conv2DInfo | undefined {
  const rounding = 'floor';
  const spread = (c.kernel - 1) * c.dilation + 1;
  if (Math.min(...c.size) + 2 < spread) return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    shape as [number, number, number, number],
    filter as [number, number, number, number],
    c.stride,
    c.dilation,
    c.pad,
    rounding,
    depthwise,
  );
  return info.outHeight > 0 && info.outWidth > 0 ? info : undefined;
}

/** Conv2D, its two gradients. */
export async function checkConv2d(checks: Checks): Promise<void> {
  const random = randomSource(1);
  for (const c of cases([1])) {
    for (const [inChannels, outChannels] of [
      [3, 8],
      [20, 13],
    ] as const) {
      const shape = [2, ...c.size, inChannels];
      const filterShape = [c.kernel, c.kernel, inChannels, outChannels];
      const info = sizes(c, shape, filterShape, false);
      if (!info) continue;
      const attrs = { strides: [c.stride, c.stride], pad: c.pad, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
      const [x, filter, dy] = [random(shape), random(filterShape), random(info.outShape)];
      const label = JSON.stringify({ ...c, inChannels, outChannels });
      await checks.kernel(
        `Conv2D ${label}`,
        ['Conv2D', { x, filter }, { ...attrs, dilations: [1, 1] }],
        reference.conv2d(x.data, filter.data, info),
        info.outShape,
      );
      await checks.kernel(
        `Conv2DBackpropFilter ${label}`,
        ['Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape }],
        reference.conv2dBackpropFilter(x.data, dy.data, info),
        filterShape,
      );
      await checks.kernel(
        `Conv2DBackpropInput ${label}`,
        ['Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: shape }],
        reference.conv2dBackpropInput(dy.data, filter.data, info),
        shape,
      );
    }
  }
}

/** Depthwise convolution and its two gradients, channel multipliers 1–2, dilation 1–2. */
export async function checkDepthwise(checks: Checks): Promise<void> {
  const random = randomSource(2);
  for (const c of cases([1, 2])) {
    for (const [channels, multiplier] of [
      [8, 2],
      [23, 1],
      [12, 1], // vectors of channels, the last two of which overlap
    ] as const) {
      const shape = [2, ...c.size, channels];
      const filterShape = [c.kernel, c.kernel, channels, multiplier];
      const info = sizes(c, shape, filterShape, true);
      if (!info) continue;
      const attrs = {
        strides: [c.stride, c.stride],
        pad: c.pad,
        dilations: [c.dilation, c.dilation],
        dimRoundingMode: 'floor',
      };
      const [x, filter, dy] = [random(shape), random(filterShape), random(info.outShape)];
      const label = JSON.stringify({ ...c, channels, multiplier });
      await checks.kernel(
        `DepthwiseConv2dNative ${label}`,
        ['DepthwiseConv2dNative', { x, filter }, attrs],
        reference.depthwiseConv2d(x.data, filter.data, info),
        info.outShape,
      );
      await checks.kernel(
        `DepthwiseConv2dNativeBackpropFilter ${label}`,
        ['DepthwiseConv2dNativeBackpropFilter', { x, dy }, { ...attrs, filterShape }],
        reference.depthwiseBackpropFilter(x.data, dy.data, info),
        filterShape,
      );
      await checks.kernel(
        `DepthwiseConv2dNativeBackpropInput ${label}`,
        ['DepthwiseConv2dNativeBackpropInput', { dy, filter }, { ...attrs, inputShape: shape }],
        reference.depthwiseBackpropInput(dy.data, filter.data, info),
        shape,
      );
    }
  }
}
