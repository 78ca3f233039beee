import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { inWords, knownOptions } from '../bytes';
import { apply } from './apply';
import { computeAskedGradients } from './asked-gradients';
import type { Block } from './block';
import { join } from './block';
import { groupedConv2d } from './grouped-conv2d';
import { kernelInitializer } from './initializer';

/** Options of a convolution, in Keras words; the input channels are read from the tensor. */
export interface ConvOptions {
  /** Output channels. */
  filters: number;
  /** Side of the square kernel in pixels. */
  kernelSize: number;
  /** Stride along both axes. @defaultValue 1 */
  strides?: number;
  /** Zeros on each side, in pixels, as in PyTorch. @defaultValue `dilation · (kernelSize − 1) / 2`, rounded down */
  padding?: number;
  /** Spacing of the kernel's taps. @defaultValue 1 */
  dilation?: number;
  /** Independent groups of channels. @defaultValue 1 */
  groups?: number;
  /** Whether the convolution has a bias. @defaultValue false, since a batch normalisation usually follows */
  useBias?: boolean;
}

/** Options of {@link depthwiseConv}. */
export type DepthwiseConvOptions = Omit<ConvOptions, 'filters' | 'groups'>;

/** The Keras padding that equals PyTorch's symmetric padding, with a padding layer before it where Keras has no equivalent. */
function padded(
  x: SymbolicTensor,
  name: string,
  { kernelSize, strides, padding }: { kernelSize: number; strides: number; padding: number },
): [SymbolicTensor, 'same' | 'valid'] {
  if (padding === 0) return [x, 'valid'];
  if (strides === 1 && 2 * padding === kernelSize - 1) return [x, 'same'];
  return [
    apply(
      layers.zeroPadding2d({
        padding: [
          [padding, padding],
          [padding, padding],
        ],
        name: join(name, 'pad'),
      }),
      x,
    ),
    'valid',
  ];
}

/**
 * A 2-D convolution with PyTorch's padding: [N, H, W, C] → [N, H′, W′, filters].
 * Uses a stock Keras layer, except for `groups` or `dilation` above 1, which tfjs cannot train.
 *
 * @throws RangeError when the groups do not divide both the input channels and the filters.
 * @example conv({ filters: 64, kernelSize: 7, strides: 2 })(image, 'conv1')
 */
export function conv(options: ConvOptions): Block {
  const {
    filters,
    kernelSize,
    strides = 1,
    dilation = 1,
    padding = Math.floor((dilation * (kernelSize - 1)) / 2),
    groups = 1,
    useBias = false,
  } = knownOptions('conv', options, ['filters', 'kernelSize', 'strides', 'dilation', 'padding', 'groups', 'useBias']);
  for (const [option, value] of Object.entries({ filters, kernelSize, strides })) {
    if (!Number.isInteger(value)) {
      throw new RangeError(`conv: ${option} must be a whole number. Received: ${inWords(value)}.`);
    }
  }
  return (x, name) => {
    if (groups > 1 || dilation > 1)
      return groupedConv2d({ filters, kernelSize, strides, dilation, padding, groups, useBias })(x, name);
    const [y, keras] = padded(x, name, { kernelSize, strides, padding });
    const layer = layers.conv2d({
      filters,
      kernelSize,
      strides,
      padding: keras,
      useBias,
      name,
      kernelInitializer: kernelInitializer(),
    });
    return apply(computeAskedGradients(layer), y);
  };
}

/**
 * A convolution of each channel by a separate kernel: [N, H, W, C] → [N, H′, W′, C]. Options as for {@link conv}.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example depthwiseConv({ kernelSize: 3, strides: 2 })(x, 'conv2')
 */
export function depthwiseConv(options: DepthwiseConvOptions): Block {
  const {
    kernelSize,
    strides = 1,
    dilation = 1,
    padding = Math.floor((dilation * (kernelSize - 1)) / 2),
    useBias = false,
  } = knownOptions('depthwiseConv', options, ['kernelSize', 'strides', 'dilation', 'padding', 'useBias']);
  return (x, name) => {
    const filters = x.shape[x.shape.length - 1]!;
    if (dilation > 1)
      return groupedConv2d({ filters, kernelSize, strides, dilation, padding, groups: filters, useBias })(x, name);
    const [y, keras] = padded(x, name, { kernelSize, strides, padding });
    return apply(
      layers.depthwiseConv2d({
        kernelSize,
        strides,
        padding: keras,
        useBias,
        name,
        depthwiseInitializer: kernelInitializer(),
      }),
      y,
    );
  };
}

/**
 * Layer normalisation over the channels, with PyTorch's epsilon.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example layerNorm()(x, 'norm')
 */
export function layerNorm(options: { epsilon?: number } = {}): Block {
  const { epsilon = 1e-5 } = knownOptions('layerNorm', options, ['epsilon']);
  return (x, name) => apply(layers.layerNormalization({ epsilon, name }), x);
}

/**
 * max(x, 0).
 *
 * @example relu()(x, 'relu1')
 */
export function relu(): Block {
  return activation('relu');
}

/**
 * x · sigmoid(x), also called swish.
 *
 * @example silu()(x, 'act1')
 */
export function silu(): Block {
  return (x, name) => apply(layers.multiply({ name }), [x, activation('sigmoid')(x, join(name, 'sigmoid'))]);
}

/**
 * A Keras activation, element by element.
 *
 * @param kind the function
 * @example activation('sigmoid')(x, 'gate')
 */
export function activation(kind: 'relu' | 'sigmoid' | 'tanh' | 'softplus'): Block {
  return (x, name) => apply(layers.activation({ activation: kind, name }), x);
}

/**
 * Returns its input unchanged: [N, H, W, C] → [N, H, W, C].
 *
 * @example identity()(x, 'nothing') // x
 */
export function identity(): Block {
  return (x) => x;
}

/**
 * Max pooling with PyTorch's padding: [N, H, W, C] → [N, H′, W′, C].
 * Padding is by zeros. This equals PyTorch's −∞ where the input is not negative, as after a ReLU; elsewhere use no padding.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example maxPool({ poolSize: 3, strides: 2, padding: 1 })(x, 'maxpool')
 */
export function maxPool(options: { poolSize: number; strides: number; padding?: number }): Block {
  const { poolSize, strides, padding = 0 } = knownOptions('maxPool', options, ['poolSize', 'strides', 'padding']);
  return (x, name) => {
    const [y] = padding === 0 ? [x] : padded(x, name, { kernelSize: 0, strides: 0, padding });
    return apply(layers.maxPooling2d({ poolSize, strides, padding: 'valid', name }), y);
  };
}

/**
 * The mean over all pixels: [N, H, W, C] → [N, 1, 1, C].
 *
 * @example globalAveragePool()(x, 'pool')
 */
export function globalAveragePool(): Block {
  return (x, name) => {
    const mean = apply(layers.globalAveragePooling2d({ name: join(name, 'mean') }), x);
    return apply(layers.reshape({ targetShape: [1, 1, x.shape[x.shape.length - 1]!], name }), mean);
  };
}

/**
 * The element-wise sum of tensors of one shape, or of shapes that broadcast. A single tensor is returned unchanged.
 *
 * @param xs tensors [N, H, W, C]
 * @param name name of the layer that adds
 * @example const y = sum([shortcut, body], 'layer1.0.add');
 */
export function sum(xs: readonly SymbolicTensor[], name: string): SymbolicTensor {
  return xs.length === 1 ? xs[0]! : apply(layers.add({ name }), [...xs]);
}
