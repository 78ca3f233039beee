import * as tf from '@tensorflow/tfjs-core';
import { initializers, type layers } from '@tensorflow/tfjs-layers';
import { apply } from './apply';
import { channels, type Block } from './block';
import { groupedConv2d as convolve } from './convolution';
import { kernelInitializer } from './initializer';
import { Layer } from './layer';

/** Configuration of {@link GroupedConv2D}, as it is saved. */
export interface GroupedConv2DConfig {
  /** Number of output channels. */
  filters: number;
  /** Side of the square kernel in pixels. */
  kernelSize: number;
  /** In both directions. */
  strides: number;
  /** Zeros on each side, in pixels. */
  padding: number;
  /** Distance of the kernel's taps in pixels. */
  dilation: number;
  /** Must divide the channels and the filters. */
  groups: number;
  /** Whether a bias is added. */
  useBias: boolean;
}

type Initializer = ReturnType<typeof initializers.zeros>;
type Arguments = GroupedConv2DConfig & { name?: string; kernelInitializer?: Initializer };
type Shape = (number | null)[];

/**
 * A grouped convolution with dilation that can be trained: tfjs-layers ignores `groups` and the dilation of depthwise convolutions, and tfjs-core has
 * no gradient for a dilation above 1. The weights are those of PyTorch's `nn.Conv2d(groups, dilation)`: kernel [k, k, C/groups, filters], bias [filters].
 */
export class GroupedConv2D extends Layer {
  static readonly className = 'PoseBlocks>GroupedConv2D';
  readonly config: GroupedConv2DConfig;
  private readonly initializer: Initializer;
  private kernel!: ReturnType<layers.Layer['addWeight']>;
  private bias?: ReturnType<layers.Layer['addWeight']>;

  constructor({ kernelInitializer = initializers.heNormal({}), ...options }: Arguments) {
    super(options as ConstructorParameters<typeof layers.Layer>[0]);
    const { filters, kernelSize, strides, padding, dilation, groups, useBias } = options;
    this.config = { filters, kernelSize, strides, padding, dilation, groups, useBias };
    this.initializer = kernelInitializer;
  }

  override build(shape: Shape | Shape[]): void {
    const { filters, kernelSize, groups, useBias } = this.config;
    const inputs = (shape as Shape)[3]! / groups;
    this.kernel = this.addWeight('kernel', [kernelSize, kernelSize, inputs, filters], 'float32', this.initializer);
    if (useBias) this.bias = this.addWeight('bias', [filters], 'float32', initializers.zeros());
    this.built = true;
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch, height, width] = shape as Shape;
    const { filters, kernelSize, strides, padding, dilation } = this.config;
    const size = (length: number | null | undefined): number | null =>
      length == null ? null : Math.floor((length + 2 * padding - dilation * (kernelSize - 1) - 1) / strides) + 1;
    return [batch ?? null, size(height), size(width), filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const y = convolve(x, this.kernel.read() as tf.Tensor4D, this.config.groups, this.config);
      return this.bias ? tf.add(y, this.bias.read()) : y;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}

/** {@link GroupedConv2D} as a block; {@link conv} and {@link depthwiseConv} use it where the stock layers cannot train. */
export function groupedConv2d(config: GroupedConv2DConfig): Block {
  return (x, name) => {
    const { filters, groups, dilation, strides } = config;
    if (channels(x) % groups !== 0 || filters % groups !== 0) {
      throw new RangeError(
        `${name}: groups must divide both input channels and filters. Received: groups=${groups}, input channels=${channels(x)}, filters=${filters}.`,
      );
    }
    if (dilation > 1 && strides > 1) {
      throw new RangeError(
        `${name}: strides and dilation must not both be above 1. Received: strides=${strides}, dilation=${dilation}.`,
      );
    }
    return apply(new GroupedConv2D({ ...config, name, kernelInitializer: kernelInitializer() }), x);
  };
}
