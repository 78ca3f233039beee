import type { layers } from '@tensorflow/tfjs-layers';
import {
  evenSides,
  NO_SIDES,
  type ActivationKind,
  type Operation,
  type OperationOf,
  type Sides,
  type Weights,
} from './graph';

/** The information about a layer that a converter receives. */
export interface LayerContext {
  readonly layer: layers.Layer;
  readonly config: Readonly<Record<string, unknown>>;
  /** Weights by their name in the layer. */
  readonly weights: Readonly<Record<string, Weights>>;
  /** Shape of the first input, without the batch. */
  readonly inputShape: readonly number[];
}

/** Converts a layer to an operation; null for a layer without effect in inference, which its input replaces. */
export type LayerConverter = (context: LayerContext) => Operation | null;

const fail = ({ layer }: LayerContext, what: string): never => {
  throw new RangeError(`${layer.name}: ${what}`);
};

const first = (value: unknown): number => (Array.isArray(value) ? (value[0] as number) : (value as number));

/** The common value of a pair, which must be equal. */
function square(context: LayerContext, key: string): number {
  const value = context.config[key];
  const pair = Array.isArray(value) ? value.flat() : [value];
  if (pair.some((each) => each !== pair[0]))
    fail(context, `${key} must be the same along both axes. Received: [${pair.join(', ')}].`);
  return first(pair);
}

/** Keras' padding in numbers. */
function keras(context: LayerContext, kernel: number, strides: number, dilation = 1): Sides {
  const { config, inputShape } = context;
  if (config['dataFormat'] !== undefined && config['dataFormat'] !== 'channelsLast' && config['dataFormat'] !== null) {
    fail(context, `dataFormat must be channelsLast. Received: ${String(config['dataFormat'])}.`);
  }
  if (config['padding'] !== 'same') return NO_SIDES;
  const total = (length: number): number =>
    Math.max((Math.ceil(length / strides) - 1) * strides + dilation * (kernel - 1) + 1 - length, 0);
  const [vertical, horizontal] = [total(inputShape[0]!), total(inputShape[1]!)];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return { top, left, bottom: vertical - top, right: horizontal - left };
}

const withBias = ({ weights }: LayerContext): { bias?: Float32Array } =>
  weights['bias'] ? { bias: weights['bias'].data } : {};

const KINDS: readonly string[] = ['relu', 'sigmoid', 'tanh', 'softplus', 'silu'] satisfies ActivationKind[];

/** Layers of tfjs, and of users, may have an activation; layers of this library have none. */
function activationOf(context: LayerContext): { activation?: ActivationKind } {
  const kind = context.config['activation'];
  if (kind === undefined || kind === null || kind === 'linear') return {};
  if (!KINDS.includes(kind as string))
    fail(context, `activation must be linear or one of ${KINDS.join(', ')}. Received: ${String(kind)}.`);
  return { activation: kind as ActivationKind };
}

const conv2d: LayerConverter = (context) => {
  const kernel = context.weights['kernel']!;
  const [strides, dilation] = [square(context, 'strides'), square(context, 'dilationRate')];
  const pads = keras(context, kernel.shape[0]!, strides, dilation);
  return { kind: 'conv', kernel, ...withBias(context), strides, pads, dilation, groups: 1, ...activationOf(context) };
};

const depthwiseConv2d: LayerConverter = (context) => {
  const { data, shape } = context.weights['depthwise_kernel']!;
  const [height, width, channels, multiplier] = shape as [number, number, number, number];
  const strides = square(context, 'strides');
  if (square(context, 'dilationRate') !== 1)
    fail(context, 'dilationRate must be 1: tfjs-layers ignores it. Build it with conv({ groups, dilation }).');
  const kernel = { data, shape: [height, width, 1, channels * multiplier] };
  const pads = keras(context, height, strides);
  return {
    kind: 'conv',
    kernel,
    ...withBias(context),
    strides,
    pads,
    dilation: 1,
    groups: channels,
    ...activationOf(context),
  };
};

const groupedConv2d: LayerConverter = (context) => {
  const { strides, padding, dilation, groups } = context.config as Record<string, number>;
  return {
    kind: 'conv',
    kernel: context.weights['kernel']!,
    ...withBias(context),
    strides: strides!,
    pads: evenSides(padding!),
    dilation: dilation!,
    groups: groups!,
  };
};

/** The crop of the full result of a transposed convolution with stride 2 that leaves twice the input size. */
const doublingCrop = (kernelSize: number): Sides => {
  const start = Math.floor((kernelSize - 1) / 2);
  return { top: start, left: start, bottom: kernelSize - 2 - start, right: kernelSize - 2 - start };
};

const conv2dTranspose: LayerConverter = (context) => {
  const kernel = context.weights['kernel']!;
  const size = kernel.shape[0]!;
  if (square(context, 'strides') !== 2 || context.config['padding'] !== 'same' || size % 2 === 1) {
    fail(
      context,
      `a transposed convolution must have stride 2, padding 'same' and an even kernel. Use deconv() of poseblocks/heads.`,
    );
  }
  return {
    kind: 'deconv',
    kernel,
    ...withBias(context),
    crop: doublingCrop(size),
    groups: 1,
    ...activationOf(context),
  };
};

const groupedConv2dTranspose: LayerConverter = (context) => {
  const kernel = context.weights['kernel']!;
  return { kind: 'deconv', kernel, crop: doublingCrop(kernel.shape[0]!), groups: context.config['groups'] as number };
};

const batchNormalization: LayerConverter = ({ config, weights }) => {
  const mean = weights['moving_mean']!.data;
  const variance = weights['moving_variance']!.data;
  const gamma = weights['gamma']?.data;
  const beta = weights['beta']?.data;
  const scale = Float32Array.from(variance, (v, c) => (gamma?.[c] ?? 1) / Math.sqrt(v + (config['epsilon'] as number)));
  const offset = Float32Array.from(mean, (m, c) => (beta?.[c] ?? 0) - m * scale[c]!);
  return { kind: 'affine', scale, offset };
};

const layerNormalization: LayerConverter = (context) => {
  const { gamma, beta } = context.weights;
  if (!gamma || !beta) fail(context, 'a layer normalisation must have scale and center.');
  return { kind: 'layerNorm', gamma: gamma!.data, beta: beta!.data, epsilon: context.config['epsilon'] as number };
};

const activation: LayerConverter = (context) => {
  const { activation: kind } = activationOf(context);
  return kind ? { kind: 'activation', activation: kind } : null;
};

const pooling =
  (kind: 'maxPool' | 'averagePool'): LayerConverter =>
  (context) => {
    const [size, strides] = [square(context, 'poolSize'), square(context, 'strides')];
    return { kind, size, strides, pads: keras(context, size, strides) };
  };

const sides = (value: unknown): Sides => {
  const [[top, bottom], [left, right]] = value as [[number, number], [number, number]];
  return { top, bottom, left, right };
};

const rescaling: LayerConverter = (context) => {
  const { scale, offset = 0 } = context.config as { scale: number; offset?: number };
  const channels = context.inputShape[context.inputShape.length - 1]!;
  return {
    kind: 'affine',
    scale: new Float32Array(channels).fill(scale),
    offset: new Float32Array(channels).fill(offset),
  };
};

const upSampling2d: LayerConverter = (context) => {
  const interpolation = context.config['interpolation'] ?? 'nearest';
  if (interpolation !== 'nearest') fail(context, `interpolation must be nearest. Received: ${String(interpolation)}.`);
  return { kind: 'upsample', size: square(context, 'size') };
};

const dot: LayerConverter = (context) => {
  if (first(context.config['axes']) !== 1)
    fail(context, `dot must be along axis 1. Received: ${String(context.config['axes'])}.`);
  return { kind: 'dot' };
};

const concatenate: LayerConverter = (context) => {
  const axis = context.config['axis'] as number;
  if (axis !== -1 && axis !== context.inputShape.length)
    fail(context, `concatenate must be along the channels. Received: axis ${axis}.`);
  return { kind: 'concat' };
};

/** Converters by class name, as in a saved model: `Conv2D`, `MyPackage>MyLayer`. */
export type LayerConverters = Readonly<Record<string, LayerConverter>>;

/** The converters of the stock layers and of this library's layers. */
export const LAYER_CONVERTERS: LayerConverters = {
  Conv2D: conv2d,
  DepthwiseConv2D: depthwiseConv2d,
  'PoseBlocks>GroupedConv2D': groupedConv2d,
  Conv2DTranspose: conv2dTranspose,
  'PoseBlocks>GroupedConv2DTranspose': groupedConv2dTranspose,
  BatchNormalization: batchNormalization,
  'PoseBlocks>BatchNormalization': batchNormalization,
  LayerNormalization: layerNormalization,
  Activation: activation,
  Softmax: () => ({ kind: 'softmax' }),
  Reshape: () => ({ kind: 'reshape' }),
  Flatten: () => ({ kind: 'reshape' }),
  Dot: dot,
  Add: () => ({ kind: 'add' }),
  Multiply: () => ({ kind: 'multiply' }),
  Concatenate: concatenate,
  MaxPooling2D: pooling('maxPool'),
  AveragePooling2D: pooling('averagePool'),
  GlobalAveragePooling2D: () => ({ kind: 'globalAveragePool' }),
  ZeroPadding2D: ({ config }) => ({ kind: 'pad', pads: sides(config['padding']) }),
  Cropping2D: ({ config }) => ({ kind: 'crop', pads: sides(config['cropping']) }),
  Permute: ({ config }) => ({ kind: 'permute', order: (config['dims'] as number[]).map((axis) => axis - 1) }),
  Rescaling: rescaling,
  UpSampling2D: upSampling2d,
  'PoseBlocks>NearestUpSampling2D': ({ config }) => ({ kind: 'upsample', size: config['size'] as number }),
  'PoseBlocks>ResizeBilinear': ({ config }) => ({
    kind: 'resize',
    mode: config['mode'] as OperationOf<'resize'>['mode'],
  }),
  'PoseBlocks>FractionalMaxPooling2D': ({ layer, inputShape }) => {
    const pool = layer as unknown as { windows(height: number, width: number): { rows: number[]; columns: number[] } };
    return { kind: 'poolWindows', ...pool.windows(inputShape[0]!, inputShape[1]!) };
  },
  'PoseBlocks>IntegralCoordinates': ({ config }) => ({ kind: 'integral', depth: config['depth'] as number }),
  Dropout: () => null,
  SpatialDropout2D: () => null,
  'PoseBlocks>StochasticDepth': () => null,
};
