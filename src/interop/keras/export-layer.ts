import type { Dataset } from '../../bytes';
import { ACTIVATIONS, WEIGHT_ORDER } from './keras-config';

export type Config = Readonly<Record<string, unknown>>;
export type Values = Readonly<Record<string, Dataset>>;

/** The Keras form of a layer: one layer, or several in sequence. */
export interface Converted {
  readonly kind: string;
  readonly config: Config;
  /** Weights in Keras' order. */
  readonly weights?: readonly Dataset[];
}
interface Context {
  readonly name: string;
  readonly config: Config;
  readonly values: Values;
}
type Converter = (context: Context) => Converted | readonly Converted[];

export const fail = (name: string, what: string): never => {
  throw new RangeError(`exportKeras: ${name}: ${what}`);
};

function activationOf({ name, config }: Context): { activation: string } {
  const ours = (config['activation'] as string | null | undefined) ?? 'linear';
  const activation = ACTIVATIONS[ours];
  if (activation === undefined) {
    return fail(
      name,
      `Keras must have the same activation. Received: ${ours}. Use one of ${Object.keys(ACTIVATIONS).join(', ')}.`,
    );
  }
  return { activation };
}

const SNAKE: Readonly<Record<string, string>> = {
  kernelSize: 'kernel_size',
  dilationRate: 'dilation_rate',
  useBias: 'use_bias',
  depthMultiplier: 'depth_multiplier',
  targetShape: 'target_shape',
  poolSize: 'pool_size',
  maxValue: 'max_value',
};

/** A layer that both have, with these options. */
const same =
  (kind: string, keys: readonly string[], more: (context: Context) => Config = () => ({})): Converter =>
  (context) => {
    const { config, values } = context;
    if (config['dataFormat'] === 'channelsFirst') fail(context.name, 'channels must be last. Received: channelsFirst.');
    const picked = keys.flatMap((key) => (config[key] == null ? [] : [[SNAKE[key] ?? key, config[key]] as const]));
    const weights = (WEIGHT_ORDER[kind] ?? []).flatMap((key) => (values[key] ? [values[key]] : []));
    return { kind, config: { ...Object.fromEntries(picked), ...more(context) }, weights };
  };

const CONVOLUTION = ['filters', 'kernelSize', 'strides', 'padding', 'useBias'];

const dilated: Converter = (context) => {
  if ([context.config['dilationRate']].flat().some((rate) => rate != null && rate !== 1)) {
    fail(
      context.name,
      `dilationRate must be 1, since tfjs ignores it in depthwiseConv2d and Keras does not. Received: ${String(context.config['dilationRate'])}. Build it with conv({ groups, dilation }).`,
    );
  }
  return same(
    'DepthwiseConv2D',
    ['kernelSize', 'strides', 'padding', 'useBias', 'depthMultiplier'],
    activationOf,
  )(context);
};

/** Keras pads with a separate layer where our layers have a number. */
const grouped: Converter = ({ config, values }) => {
  const { strides, padding, dilation, groups } = config as Record<string, number>;
  const kernel = values['kernel']!;
  const convolution: Converted = {
    kind: 'Conv2D',
    config: {
      filters: kernel.shape[3],
      kernel_size: kernel.shape.slice(0, 2),
      strides,
      padding: 'valid',
      dilation_rate: dilation,
      groups,
      use_bias: values['bias'] !== undefined,
    },
    weights: [kernel, ...(values['bias'] ? [values['bias']] : [])],
  };
  const pad: Converted = { kind: 'ZeroPadding2D', config: { padding: [[padding, padding], [padding, padding]] } }; // prettier-ignore
  return padding === 0 ? convolution : [pad, convolution];
};

/** The kernel [k, k, F/groups, C] of a grouped transposed convolution, with zeros between groups: [k, k, F, C]. */
function dense({ shape, data }: Dataset, groups: number): Dataset {
  const [height, width, each, channels] = shape as [number, number, number, number];
  const inputs = channels / groups;
  const out = new Float32Array(data.length * groups);
  for (let row = 0; row < height * width * each; row++) {
    const [tap, filter] = [Math.floor(row / each), row % each];
    for (let c = 0; c < channels; c++) {
      const target = (tap * each * groups + Math.floor(c / inputs) * each + filter) * channels + c;
      out[target] = data[row * channels + c]!;
    }
  }
  return { shape: [height, width, each * groups, channels], data: out };
}

/** Keras has no groups here, so kernels are filled with zeros. Kernel 3 cuts the first row and column; 'same' does not. */
const groupedTranspose: Converter = ({ config, values }) => {
  const kernel = dense(values['kernel']!, config['groups'] as number);
  const [size, , filters] = kernel.shape as [number, number, number];
  const odd = size % 2 === 1;
  const convolution: Converted = {
    kind: 'Conv2DTranspose',
    config: { filters, kernel_size: size, strides: 2, padding: odd ? 'valid' : 'same', use_bias: false },
    weights: [kernel],
  };
  const start = (size - 1) / 2;
  const end = size - 2 - start;
  return odd ? [convolution, { kind: 'Cropping2D', config: { cropping: [[start, end], [start, end]] } }] : convolution; // prettier-ignore
};

const dot: Converter = ({ config }) => {
  const axes = config['axes'] as number | readonly number[];
  return {
    kind: 'Dot',
    config: { axes: typeof axes === 'number' ? axes : [...axes], normalize: config['normalize'] === true },
  };
};

const upsampling: Converter = (context) => {
  const interpolation = context.config['interpolation'] ?? 'nearest';
  if (interpolation !== 'nearest')
    fail(
      context.name,
      `interpolation must be nearest, since tfjs and Keras differ in the others. Received: ${String(interpolation)}.`,
    );
  return same('UpSampling2D', ['size'])(context);
};

const batchNormalization = same('BatchNormalization', ['axis', 'momentum', 'epsilon', 'center', 'scale']);

/** By class name in Keras and here. */
export const CONVERTERS: Readonly<Record<string, Converter>> = {
  Conv2D: same('Conv2D', [...CONVOLUTION, 'dilationRate'], activationOf),
  Conv2DTranspose: same('Conv2DTranspose', CONVOLUTION, activationOf),
  DepthwiseConv2D: dilated,
  Dense: same('Dense', ['units', 'useBias'], activationOf),
  'PoseBlocks>GroupedConv2D': grouped,
  'PoseBlocks>GroupedConv2DTranspose': groupedTranspose,
  BatchNormalization: batchNormalization,
  'PoseBlocks>BatchNormalization': batchNormalization,
  LayerNormalization: same('LayerNormalization', ['epsilon', 'center', 'scale'], () => ({ axis: -1 })),
  Activation: same('Activation', [], activationOf),
  ReLU: same('ReLU', ['maxValue']),
  Softmax: same('Softmax', ['axis']),
  Reshape: same('Reshape', ['targetShape']),
  Flatten: same('Flatten', []),
  Permute: same('Permute', ['dims']),
  Dot: dot,
  Add: same('Add', []),
  Multiply: same('Multiply', []),
  Concatenate: same('Concatenate', ['axis']),
  MaxPooling2D: same('MaxPooling2D', ['poolSize', 'strides', 'padding']),
  AveragePooling2D: same('AveragePooling2D', ['poolSize', 'strides', 'padding']),
  GlobalAveragePooling2D: same('GlobalAveragePooling2D', []),
  ZeroPadding2D: same('ZeroPadding2D', ['padding']),
  Cropping2D: same('Cropping2D', ['cropping']),
  Rescaling: same('Rescaling', ['scale', 'offset']),
  UpSampling2D: upsampling,
  'PoseBlocks>NearestUpSampling2D': ({ config }) => ({
    kind: 'UpSampling2D',
    config: { size: [config['size'], config['size']] },
  }),
  Dropout: same('Dropout', ['rate']),
  SpatialDropout2D: same('SpatialDropout2D', ['rate']),
  'PoseBlocks>StochasticDepth': same('Dropout', ['rate'], () => ({ noise_shape: [null, 1, 1, 1] })),
};
