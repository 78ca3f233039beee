import { serialization } from '@tensorflow/tfjs-core';
import { boundedText, shown, shownNames } from '../../bytes';
import { ACTIVATIONS, type KerasLayer } from './keras-config';

type Config = Readonly<Record<string, unknown>>;

/** A layer as tfjs-layers saves it, in its Python spelling, and the weights that it lacks. */
export interface ImportedLayer {
  readonly kind: string;
  readonly config: Config;
  readonly absent?: readonly string[];
}
interface Context {
  readonly name: string;
  readonly kind: string;
  readonly config: Config;
}
type Importer = (context: Context) => ImportedLayer;

const fail = (name: string, what: string): never => {
  throw new RangeError(`importKeras: ${boundedText(`${shownNames([name])}: ${what}`)}`);
};

/** Checks an option of which tfjs supports only these values. */
function must({ name, config }: Context, key: string, ...allowed: readonly unknown[]): void {
  const value = [config[key] ?? allowed[0]].flat();
  if (!value.every((each) => allowed.includes(each))) {
    fail(name, `${key} must be ${allowed.map(String).join(' or ')} in tfjs. Received: ${shown(config[key])}.`);
  }
}

const ours = new Map(Object.entries(ACTIVATIONS).map(([tfjs, keras]) => [keras, tfjs]));

function activationOf({ name, config }: Context): string {
  const given = config['activation'] ?? 'linear';
  const keras = typeof given === 'string' ? given : shown((given as { config?: unknown }).config).slice(1, -1);
  return ours.get(keras) ?? fail(name, `activation must be one of ${[...ours.keys()].join(', ')}. Received: ${keras}.`);
}

const absent = (context: Context, options: Readonly<Record<string, string>>): string[] =>
  Object.entries(options).flatMap(([option, weight]) => (context.config[option] === false ? [weight] : []));

/** Options that are copied unchanged. */
const same =
  (keys: readonly string[], check: (context: Context) => void = () => {}): Importer =>
  (context) => {
    check(context);
    must(context, 'data_format', 'channels_last');
    const { kind, config } = context;
    const picked = keys.flatMap((key) => (config[key] == null ? [] : [[key, config[key]] as const]));
    return { kind, config: Object.fromEntries(picked) };
  };

/** The same for layers with weights, whose initial values have no effect. */
const weighted =
  (keys: readonly string[], initializer: string, check?: (context: Context) => void): Importer =>
  (context) => {
    const { kind, config } = same([...keys, 'use_bias', 'trainable'], check)(context);
    return {
      kind,
      config: { ...config, activation: activationOf(context), [initializer]: { class_name: 'Zeros', config: {} } },
      absent: absent(context, { use_bias: 'bias' }),
    };
  };

const CONVOLUTION = ['filters', 'kernel_size', 'strides', 'padding'];

const GROUPED = 'PoseBlocks>GroupedConv2D';
const conv2d: Importer = (context) => {
  const { name, config } = context;
  const groups = (config['groups'] as number | undefined) ?? 1;
  if (groups === 1) return weighted([...CONVOLUTION, 'dilation_rate'], 'kernel_initializer')(context);
  if (!Object.hasOwn(serialization.SerializationMap.getMap().classNameMap, GROUPED)) {
    fail(
      name,
      'grouped convolutions need a layer class of poseblocks. Call registerLayers() of poseblocks/heads first.',
    );
  }
  const one = (key: string): number => {
    const pair = [config[key] ?? 1].flat() as number[];
    return pair.every((each) => each === pair[0]) ? pair[0]! : fail(name, `${key} must be the same along both axes. Received: [${pair.join(', ')}].`); // prettier-ignore
  };
  const [kernelSize, strides, dilation] = [one('kernel_size'), one('strides'), one('dilation_rate')];
  const reach = dilation * (kernelSize - 1);
  const isSame = config['padding'] === 'same';
  const activation = activationOf(context);
  if (activation !== 'linear' || (isSame && (strides !== 1 || reach % 2 === 1))) {
    fail(
      name,
      `a grouped convolution must be linear, and 'same' only with stride 1 and an odd kernel. Received: ${activation}, ${String(config['padding'])}, stride ${strides}, kernel ${kernelSize}. Use separate layers for padding and activation.`,
    );
  }
  return {
    kind: GROUPED,
    config: {
      filters: config['filters'],
      kernel_size: kernelSize,
      strides,
      padding: isSame ? reach / 2 : 0,
      dilation,
      groups,
      use_bias: config['use_bias'] !== false,
    },
    absent: absent(context, { use_bias: 'bias' }),
  };
};

const normalization =
  (keys: readonly string[], check: (context: Context) => void): Importer =>
  (context) => ({
    ...same([...keys, 'epsilon', 'center', 'scale', 'trainable'], check)(context),
    absent: absent(context, { scale: 'gamma', center: 'beta' }),
  });

const pooling = same(['pool_size', 'strides', 'padding']);

const IMPORTERS: Readonly<Record<string, Importer>> = {
  InputLayer: ({ config }) => ({ kind: 'InputLayer', config: { batch_input_shape: config['batch_shape'] ?? config['batch_input_shape'], dtype: 'float32', sparse: false } }), // prettier-ignore
  Conv2D: conv2d,
  Conv2DTranspose: weighted(CONVOLUTION, 'kernel_initializer', (context) => {
    must(context, 'output_padding', null);
    must(context, 'dilation_rate', 1);
  }),
  DepthwiseConv2D: weighted(['kernel_size', 'strides', 'padding', 'depth_multiplier'], 'depthwise_initializer', (context) => must(context, 'dilation_rate', 1)), // prettier-ignore
  Dense: weighted(['units'], 'kernel_initializer'),
  BatchNormalization: normalization(['axis', 'momentum'], (context) => must(context, 'renorm', false)),
  LayerNormalization: (context) => ({
    ...normalization([], (each) => must(each, 'rms_scaling', false))(context),
    config: { ...normalization([], () => {})(context).config, axis: context.config['axis'] ?? -1 },
  }),
  Activation: (context) => ({ kind: 'Activation', config: { activation: activationOf(context) } }),
  ReLU: same(['max_value'], (context) => {
    must(context, 'negative_slope', 0);
    must(context, 'threshold', 0);
  }),
  Softmax: same(['axis']),
  Reshape: same(['target_shape']),
  Flatten: same([]),
  Permute: same(['dims']),
  Dot: same(['axes', 'normalize']),
  Add: same([]),
  Average: same([]),
  Maximum: same([]),
  Multiply: same([]),
  Concatenate: same(['axis']),
  MaxPooling2D: pooling,
  AveragePooling2D: pooling,
  GlobalAveragePooling2D: same([], (context) => must(context, 'keepdims', false)),
  GlobalMaxPooling2D: same([], (context) => must(context, 'keepdims', false)),
  ZeroPadding2D: same(['padding']),
  Cropping2D: same(['cropping']),
  Rescaling: same(['scale', 'offset']),
  UpSampling2D: same(['size'], (context) => must(context, 'interpolation', 'nearest')),
  Dropout: same(['rate', 'noise_shape']),
  SpatialDropout2D: same(['rate']),
};

/** Converts a layer of Keras 3 to one of tfjs-layers. */
export function importLayer(name: string, { class_name: kind, config }: KerasLayer): ImportedLayer {
  const importer = Object.hasOwn(IMPORTERS, kind) ? IMPORTERS[kind] : undefined;
  if (!importer) {
    return fail(
      name,
      `the class must be one that can be imported. Received: ${kind}. Convertible are ${Object.keys(IMPORTERS).join(', ')}.`,
    );
  }
  const dtype = config['dtype'] as string | { config?: { name?: string } } | undefined;
  const policy = typeof dtype === 'object' ? dtype.config?.name : dtype;
  if (policy !== undefined && policy !== 'float32') {
    fail(name, `numbers must be float32. Received: ${policy}. Save the model with the float32 policy.`);
  }
  return importer({ name, kind, config });
}
