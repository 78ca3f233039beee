import * as tf from '@tensorflow/tfjs-core';

/** Geometry of a convolution with PyTorch's symmetric zero padding. */
export interface Geometry {
  strides: number;
  padding: number;
  dilation: number;
}

type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/** Zeros on each side of height and width, in the form that tfjs expects. */
const sides = (before: number): ExplicitPadding => [
  [0, 0],
  [before, before],
  [before, before],
  [0, 0],
];

/** The rows and columns of the padded input that each tap of the kernel reads, row by row, as [N, H′, W′, C]. */
function* taps(
  x: tf.Tensor4D,
  [kernelHeight, kernelWidth]: readonly number[],
  [, height, width]: readonly number[],
  { padding, dilation }: Geometry,
) {
  const padded = padding > 0 ? tf.pad(x, sides(padding)) : x;
  const [batch, , , channels] = x.shape;
  for (let i = 0; i < kernelHeight!; i++) {
    for (let j = 0; j < kernelWidth!; j++) {
      yield tf.slice(padded, [0, i * dilation, j * dilation, 0], [batch, height!, width!, channels]);
    }
  }
}

const gradFunction = (
  f: (
    x: tf.Tensor4D,
    kernel: tf.Tensor4D,
  ) => { value: tf.Tensor4D; gradFunc: (dy: tf.Tensor4D, x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor[] },
) =>
  tf.customGrad((...args) => {
    const [x, kernel, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, kernel]);
    const { value, gradFunc } = f(x, kernel);
    return {
      value,
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => gradFunc(dy, saved[0] as tf.Tensor4D, saved[1] as tf.Tensor4D),
    };
  }) as (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D;

/** Padding of the convolution that computes the input gradient of a convolution with stride 1. */
const backward = (kernel: tf.Tensor4D, { padding, dilation }: Geometry): ExplicitPadding =>
  sides(dilation * (kernel.shape[0] - 1) - padding);

/**
 * Dense convolution, [N, H, W, C] ∗ [k, k, C, F] → [N, H′, W′, F]. It has a gradient for dilations above 1 too, which tfjs lacks:
 * the input gradient is the convolution by the flipped kernel, the kernel gradient one matrix product per tap.
 */
export function conv2d(x: tf.Tensor4D, kernel: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  const { strides, padding, dilation } = geometry;
  if (dilation === 1) return tf.conv2d(x, kernel, strides, sides(padding));
  return gradFunction((x, kernel) => ({
    value: tf.conv2d(x, kernel, 1, sides(padding), 'NHWC', dilation),
    gradFunc: (dy, x, kernel) => {
      const flipped = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);
      const dx = tf.conv2d(dy, flipped, 1, backward(kernel, geometry), 'NHWC', dilation);
      const filters = kernel.shape[3];
      const rows = tf.reshape(dy, [-1, filters]) as tf.Tensor2D;
      const products = [...taps(x, kernel.shape, dy.shape, geometry)].map((tap) =>
        tf.matMul(tf.reshape(tap, [-1, x.shape[3]]) as tf.Tensor2D, rows, true, false),
      );
      return [dx, tf.reshape(tf.stack(products), kernel.shape)];
    },
  }))(x, kernel);
}

/** Depthwise convolution, [N, H, W, C] ∗ [k, k, C, 1] → [N, H′, W′, C], with a gradient for dilations above 1 too. */
export function depthwiseConv2d(x: tf.Tensor4D, kernel: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  const { strides, padding, dilation } = geometry;
  if (dilation === 1) return tf.depthwiseConv2d(x, kernel, strides, sides(padding));
  return gradFunction((x, kernel) => ({
    value: tf.depthwiseConv2d(x, kernel, 1, sides(padding), 'NHWC', dilation),
    gradFunc: (dy, x, kernel) => {
      const dx = tf.depthwiseConv2d(dy, tf.reverse(kernel, [0, 1]), 1, backward(kernel, geometry), 'NHWC', dilation);
      const sums = [...taps(x, kernel.shape, dy.shape, geometry)].map((tap) => tf.sum(tf.mul(tap, dy), [0, 1, 2]));
      return [dx, tf.reshape(tf.stack(sums), kernel.shape)];
    },
  }))(x, kernel);
}

/**
 * Grouped convolution of [N, H, W, C]: input channel block g gives output channel block g. The kernel is [k, k, C/groups, F]; PyTorch's is [F, C/groups, k, k].
 * Where each group has one output, it is a depthwise convolution and a sum; otherwise one convolution per group.
 *
 * @param geometry strides, padding and dilation
 * @example const y = groupedConv2d(x, kernel, 8, geometry); // [N, H, W, C] → [N, H′, W′, F]
 */
export function groupedConv2d(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number, geometry: Geometry): tf.Tensor4D {
  if (groups === 1) return conv2d(x, kernel, geometry);
  const [height, width, inputs, filters] = kernel.shape;
  if (filters === groups) {
    const byChannel = tf.reshape(tf.transpose(kernel, [0, 1, 3, 2]), [
      height,
      width,
      inputs * filters,
      1,
    ]) as tf.Tensor4D;
    const y = depthwiseConv2d(x, byChannel, geometry);
    if (inputs === 1) return y;
    const [n, h, w] = y.shape;
    return tf.sum<tf.Tensor4D>(tf.reshape(y, [n, h, w, filters, inputs]), 4);
  }
  const xs = tf.split<tf.Tensor4D>(x, groups, 3);
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  return tf.concat<tf.Tensor4D>(
    xs.map((part, g) => conv2d(part, kernels[g]!, geometry)),
    3,
  );
}
