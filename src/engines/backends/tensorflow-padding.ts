import {
  avgPool,
  div,
  getKernel,
  ones,
  pad as padTensor,
  registerKernel,
  slice,
  tidy,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { KernelConfig, KernelFunc, Tensor4D } from '@tensorflow/tfjs-core';

type Shape4D = [number, number, number, number];
type Padding = [[number, number], [number, number], [number, number], [number, number]];
type Inputs = Readonly<Record<string, Tensor4D>>;
interface Call {
  readonly inputs: Inputs;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Runs the stock kernel on padded tensors, without padding. */
  readonly valid: (inputs: Inputs, attrs?: Readonly<Record<string, unknown>>) => Tensor4D;
  readonly padding: Padding;
}

/**
 * Most kernels of tfjs-node 4.22 accept only `same` and `valid`, while TensorFlow.js's ops also pass numbers and explicit
 * paddings. These kernels run on a padded input, and remove the padding from gradients with respect to it.
 */
const KERNELS: Readonly<Record<string, (call: Call) => Tensor4D>> = {
  Conv2D: onPaddedInput,
  FusedConv2D: onPaddedInput,
  DepthwiseConv2dNative: onPaddedInput,
  FusedDepthwiseConv2D: onPaddedInput,
  Conv2DBackpropFilter: onPaddedInput,
  DepthwiseConv2dNativeBackpropFilter: onPaddedInput,
  Conv2DBackpropInput: inputGradient,
  DepthwiseConv2dNativeBackpropInput: inputGradient,
  MaxPool: ({ inputs, valid, padding }) => valid({ x: padTensor(inputs['x']!, padding, -Infinity) }),
  MaxPoolGrad: ({ inputs: { dy, input, output }, valid, padding }) =>
    unpad(valid({ dy: dy!, input: padTensor(input!, padding, -Infinity), output: output! }), padding),
  AvgPool: (call) => div(onPaddedInput(call), coverage(call, call.inputs['x']!)),
  AvgPoolGrad: (call) => {
    const { dy, input } = call.inputs;
    const share = div(dy!, coverage(call, input!)) as Tensor4D;
    return unpad(call.valid({ dy: share, input: padTensor(input!, call.padding) }), call.padding);
  },
};

const ours = new WeakSet<object>();

/** Makes tfjs-node's kernels accept every padding. Idempotent. */
export function registerExplicitPadding(): void {
  for (const [kernelName, run] of Object.entries(KERNELS)) {
    const stock = getKernel(kernelName, 'tensorflow') as KernelConfig | undefined;
    if (stock === undefined || ours.has(stock)) continue;
    unregisterKernel(kernelName, 'tensorflow');
    const config = { ...stock, kernelFunc: withPadding(stock.kernelFunc, run) };
    registerKernel(config);
    ours.add(config);
  }
}

function withPadding(stock: KernelFunc, run: (call: Call) => Tensor4D): KernelFunc {
  return (params) => {
    const inputs = params.inputs as unknown as Inputs;
    const { attrs } = params;
    const padding = paddingOf(inputs, attrs as Call['attrs']);
    if (padding === null) return stock(params);
    const valid: Call['valid'] = (replaced, more = {}) =>
      stock({ ...params, inputs: replaced as never, attrs: { ...attrs, ...more, pad: 'valid' } as never }) as never;
    return tidy(() => run({ inputs, attrs: attrs as Call['attrs'], valid, padding }));
  };
}

/** A kernel's padding in every dimension; null where the stock kernel supports it. */
function paddingOf(inputs: Inputs, attrs: Call['attrs']): Padding | null {
  const { pad, dataFormat = 'NHWC', dimRoundingMode } = attrs;
  if (pad === 'same' || pad === 'valid' || dataFormat !== 'NHWC' || dimRoundingMode === 'ceil') return null;
  if (typeof pad === 'number')
    return [
      [0, 0],
      [pad, pad],
      [pad, pad],
      [0, 0],
    ];
  return inputs['x'] || inputs['dy'] ? (pad as Padding) : null;
}

function onPaddedInput({ inputs, valid, padding }: Call): Tensor4D {
  return valid({ ...inputs, x: padTensor(inputs['x']!, padding) });
}

function inputGradient({ inputs, attrs, valid, padding }: Call): Tensor4D {
  const shape = (attrs['inputShape'] as Shape4D).map((side, axis) => side + padding[axis]![0] + padding[axis]![1]);
  return unpad(valid(inputs, { inputShape: shape }), padding);
}

function unpad(x: Tensor4D, padding: Padding): Tensor4D {
  const begin = padding.map(([before]) => before);
  return slice(
    x,
    begin,
    x.shape.map((side, axis) => side - padding[axis]![0] - padding[axis]![1]),
  );
}

/** The fraction of each window that is not padding, [1, H, W, 1]: averages cover only that part. */
function coverage({ attrs, padding }: Call, x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape;
  const inside = padTensor(ones([1, height, width, 1]) as Tensor4D, padding);
  return avgPool(inside, attrs['filterSize'] as [number, number], attrs['strides'] as [number, number], 'valid');
}
