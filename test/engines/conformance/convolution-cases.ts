import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as reference from '../../support/reference-kernels';
import { values, type Case, type Numbers } from './case';

type Shape4D = [number, number, number, number];
type Pad = 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
interface Geometry {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: Pad;
  readonly size: readonly [height: number, width: number];
}

/** Kernels 1–7, strides 1–3, every kind of padding, odd and even sizes. */
function* geometries(): Generator<Geometry> {
  for (const kernel of [1, 2, 3, 7]) {
    for (const stride of [1, 2, 3]) {
      const asymmetric: Pad = [
        [0, 0],
        [1, 0],
        [0, 1],
        [0, 0],
      ];
      for (const pad of ['same', 'valid', kernel >> 1, asymmetric] as const) {
        if (kernel === 1 && pad !== 'same' && pad !== 'valid') continue;
        for (const size of [
          [8, 9],
          [11, 14],
        ] as const)
          yield { kernel, stride, pad, size };
      }
    }
  }
}

/** TensorFlow.js wants a rounding mode exactly where the padding is given in numbers. */
function rounding(pad: Pad): 'floor' | undefined {
  return typeof pad === 'string' ? undefined : 'floor';
}

function* dense({ kernel, stride, pad, size }: Geometry): Generator<Case> {
  const shape: Shape4D = [1, ...size, 2];
  const filter: Shape4D = [kernel, kernel, 2, 3];
  const info = tf.backend_util.computeConv2DInfo(shape, filter, stride, 1, pad, rounding(pad));
  const inputs = [values(shape), values(filter, 3)];
  yield {
    kernel: 'Conv2D',
    inputs,
    run: (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, stride, pad, 'NHWC', 1, rounding(pad)),
    reference: (x, w) => reference.conv2d(x, w, info),
    gradients: ['Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    exact: (index, dy, [x, w]) =>
      index === 0 ? reference.conv2dBackpropInput(dy, w!, info) : reference.conv2dBackpropFilter(x!, dy, info),
  };
  yield {
    kernel: 'FusedConv2D',
    inputs: [...inputs, values([3], 1)],
    run: (x, w, bias) =>
      tf.fused.conv2d({
        x: x as Tensor4D,
        filter: w as Tensor4D,
        bias: bias!,
        strides: stride,
        pad,
        ...(typeof pad !== 'string' && { dimRoundingMode: 'floor' }),
        activation: 'relu',
      }),
    reference: (x, w, bias) => reference.conv2d(x, w, info).map((value, i) => Math.max(0, value + bias![i % 3]!)),
    gradients: [null, null, null],
  };
}

function* depthwise({ kernel, stride, pad, size }: Geometry): Generator<Case> {
  for (const [channels, multiplier] of [
    [3, 1],
    [2, 2],
  ] as const) {
    const shape: Shape4D = [1, ...size, channels];
    const filter: Shape4D = [kernel, kernel, channels, multiplier];
    const info = tf.backend_util.computeConv2DInfo(shape, filter, stride, 1, pad, rounding(pad), true);
    const inputs = [values(shape), values(filter, 3)];
    const outputs = channels * multiplier;
    yield {
      kernel: 'DepthwiseConv2dNative',
      inputs,
      run: (x, w) => tf.depthwiseConv2d(x as Tensor4D, w as Tensor4D, stride, pad, 'NHWC', 1, rounding(pad)),
      reference: (x, w) => reference.depthwiseConv2d(x, w, info),
      gradients: ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
      exact: (index, dy, [x, w]) =>
        index === 0 ? reference.depthwiseBackpropInput(dy, w!, info) : reference.depthwiseBackpropFilter(x!, dy, info),
    };
    yield {
      kernel: 'FusedDepthwiseConv2D',
      inputs: [...inputs, values([outputs], 1)],
      run: (x, w, bias) =>
        tf.fused.depthwiseConv2d({
          x: x as Tensor4D,
          filter: w as Tensor4D,
          bias: bias!,
          strides: stride,
          pad: pad as 'same', // its types leave out explicit paddings, which it takes
          ...(typeof pad !== 'string' && { dimRoundingMode: 'floor' }),
          activation: 'relu',
        }),
      reference: (x, w, bias) =>
        reference.depthwiseConv2d(x, w, info).map((value, i) => Math.max(0, value + bias![i % outputs]!)),
      gradients: [null, null, null],
    };
  }
}

function* transposed(): Generator<Case> {
  for (const kernel of [2, 3, 4]) {
    const shape: Shape4D = [1, 10, 8, 3];
    const filter: Shape4D = [kernel, kernel, 3, 2];
    const info = tf.backend_util.computeConv2DInfo(shape, filter, 2, 1, 'same');
    yield {
      kernel: 'Conv2DBackpropInput',
      inputs: [values([1, 5, 4, 2]), values(filter, 3)],
      run: (dy, w) => tf.conv2dTranspose(dy as Tensor4D, w as Tensor4D, shape, 2, 'same'),
      reference: (dy, w) => reference.conv2dBackpropInput(dy, w, info),
      gradients: ['Conv2D', 'Conv2DBackpropFilter'],
    };
  }
}

/** Averages of the windows, padding excluded: the mean of the values that a convolution by ones meets. */
function averagePool(x: Numbers, shape: Shape4D, info: reference.ConvSizes): Float64Array {
  const ones = new Float64Array(info.filterHeight * info.filterWidth * shape[3]).fill(1);
  const sums = reference.depthwiseConv2d(x, ones, info);
  const counts = reference.depthwiseConv2d(new Float64Array(x.length).fill(1), ones, info);
  return sums.map((sum, i) => sum / counts[i]!);
}

function* pools({ kernel, stride, pad, size }: Geometry): Generator<Case> {
  const shape: Shape4D = [1, ...size, 2];
  const info = tf.backend_util.computeConv2DInfo(shape, [kernel, kernel, 2, 1], stride, 1, pad, rounding(pad), true);
  const run = (pool: typeof tf.maxPool, x: Tensor): Tensor =>
    pool(x as Tensor4D, kernel, stride, pad as 'same', rounding(pad)); // as do these
  yield {
    kernel: 'MaxPool',
    inputs: [values(shape)],
    run: (x) => run(tf.maxPool, x),
    reference: (x) => reference.maxPool(x, info),
    gradients: ['MaxPoolGrad'],
    exact: (_, dy, [x]) => reference.maxPoolGradient(dy, x!, info),
  };
  yield {
    kernel: 'AvgPool',
    inputs: [values(shape)],
    run: (x) => run(tf.avgPool, x),
    reference: (x) => averagePool(x, shape, info),
    gradients: ['AvgPoolGrad'],
  };
}

/** Convolutions, dense, depthwise, fused and transposed, and pooling. */
export function* convolutionCases(): Generator<Case> {
  for (const geometry of geometries()) {
    yield* dense(geometry);
    yield* depthwise(geometry);
    if (geometry.kernel > 1 && geometry.kernel < 7) yield* pools(geometry);
  }
  yield* transposed();
}
