/** A layer in Keras 3's `config.json`: the fields that are used here. */
export interface KerasLayer {
  readonly module: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly registered_name: string | null;
  readonly name: string;
  readonly inbound_nodes: readonly {
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
  }[];
}

/** Layer, index of its use, and index of the output. */
export type KerasTensor = readonly [layer: string, node: number, output: number];

/** A tensor in the arguments of a layer. */
export const kerasTensor = (history: KerasTensor, shape: readonly (number | null)[]): object => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, ...shape], dtype: 'float32', keras_history: history },
});

/** The order in which Keras stores a layer's weights, by their tfjs names. */
export const WEIGHT_ORDER: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['kernel', 'bias'],
  Conv2DTranspose: ['kernel', 'bias'],
  Dense: ['kernel', 'bias'],
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  LayerNormalization: ['gamma', 'beta'],
};

/** Keras' names of weight groups: `Conv2DTranspose` → `conv2d_transpose`, `ReLU` → `re_lu`. */
const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** The location of each layer's weights in `model.weights.h5`: by class, numbered in the order of the layers. */
export function weightGroups(classes: readonly string[], prefix = ''): string[] {
  const used = new Map<string, number>();
  return classes.map((each) => {
    const name = snakeCase(each);
    const uses = used.get(name) ?? 0;
    used.set(name, uses + 1);
    return `${prefix}layers/${name}${uses === 0 ? '' : `_${uses}`}`;
  });
}

/** Activations with the same meaning in both, by their tfjs names. Keras 3 has another `hard_sigmoid`, and two kinds of `gelu`. */
export const ACTIVATIONS: Readonly<Record<string, string>> = {
  linear: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  softsign: 'softsign',
  softmax: 'softmax',
  elu: 'elu',
  selu: 'selu',
  swish: 'silu',
};
