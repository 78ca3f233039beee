import * as tf from '@tensorflow/tfjs-core';
import { initializers, type layers } from '@tensorflow/tfjs-layers';
import { Layer } from '../blocks';

/** Configuration of {@link GroupedConv2DTranspose}, as it is saved. */
export interface GroupedConv2DTransposeConfig {
  /** Number of output channels. */
  filters: number;
  /** Side of the square kernel; the stride is 2. */
  kernelSize: 2 | 3 | 4;
  /** Must divide the channels and the filters. */
  groups: number;
}

type Initializer = ReturnType<typeof initializers.zeros>;
type Arguments = GroupedConv2DTransposeConfig & { name?: string; kernelInitializer?: Initializer };
type Shape = (number | null)[];
type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * The padding of the convolution that this layer transposes, chosen so that the output is exactly twice the input size:
 * PyTorch's padding 0, 1, 1 and output_padding 0, 1, 0 for kernels 2, 3, 4. Kernel 3 pads only the start; Keras' 'same' does not.
 */
const PADDING: Record<2 | 3 | 4, readonly [before: number, after: number]> = { 2: [0, 0], 3: [1, 0], 4: [1, 1] };

const explicit = (kernelSize: number): ExplicitPadding => {
  const [before, after] = PADDING[kernelSize as 2 | 3 | 4];
  return [
    [0, 0],
    [before, after],
    [before, after],
    [0, 0],
  ];
};

type Two = (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D;

/** Runs a kernel of the engine as an op with the given gradient. */
const withGradient = (
  forward: Two,
  gradient: (dy: tf.Tensor4D, x: tf.Tensor4D, kernel: tf.Tensor4D) => [tf.Tensor, tf.Tensor],
): Two =>
  tf.customGrad((...args) => {
    const [x, kernel, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, kernel]);
    return {
      value: forward(x, kernel),
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => gradient(dy, saved[0] as tf.Tensor4D, saved[1] as tf.Tensor4D),
    };
  }) as Two;

const runKernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown>): tf.Tensor =>
  tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap);

const doubled = (x: tf.Tensor4D, filters: number): number[] => [x.shape[0], 2 * x.shape[1], 2 * x.shape[2], filters];

/** Transposed convolution of one group: x [N, H, W, C], kernel [k, k, F, C] → [N, 2H, 2W, F]. It runs the gradient of a convolution as the forward pass. */
function dense(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [size, , filters] = kernel.shape;
  const attributes = { strides: [2, 2], pad: explicit(size), dataFormat: 'NHWC', dimRoundingMode: null };
  return withGradient(
    (x, kernel) =>
      runKernel(
        'Conv2DBackpropInput',
        { dy: x, filter: kernel },
        { ...attributes, inputShape: doubled(x, filters) },
      ) as tf.Tensor4D,
    (dy, x, kernel) => [
      tf.conv2d(dy, kernel, 2, explicit(size)),
      runKernel('Conv2DBackpropFilter', { x: dy, dy: x }, { ...attributes, filterShape: kernel.shape }),
    ],
  )(x, kernel);
}

/**
 * The case of one output per group: x [N, H, W, F·m], kernel [k, k, F, m] → [N, 2H, 2W, F]. It is the input gradient of a depthwise convolution with
 * channel multiplier m, a kernel that every engine has.
 */
function depthwise(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const [size, , filters] = kernel.shape;
  const attributes = { strides: [2, 2], pad: explicit(size), dilations: [1, 1], dimRoundingMode: null };
  return withGradient(
    (x, kernel) =>
      runKernel(
        'DepthwiseConv2dNativeBackpropInput',
        { dy: x, filter: kernel },
        { ...attributes, inputShape: doubled(x, filters) },
      ) as tf.Tensor4D,
    (dy, x, kernel) => [
      tf.depthwiseConv2d(dy, kernel, 2, explicit(size)),
      runKernel('DepthwiseConv2dNativeBackpropFilter', { x: dy, dy: x }, { ...attributes, filterShape: kernel.shape }),
    ],
  )(x, kernel);
}

/** @internal x [N, H, W, C], kernel [k, k, F/groups, C] → [N, 2H, 2W, F]. */
export function groupedConv2dTranspose(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
  const [size, , outputs, inputs] = kernel.shape;
  if (groups === 1) return dense(x, kernel);
  if (outputs === 1) return depthwise(x, tf.reshape(kernel, [size, size, groups, inputs / groups]));
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  return tf.concat<tf.Tensor4D>(
    tf.split<tf.Tensor4D>(x, groups, 3).map((part, g) => dense(part, kernels[g]!)),
    3,
  );
}

/**
 * A grouped transposed convolution with stride 2 that exactly doubles height and width: input channel block g gives output channel block g.
 * The weights are those of PyTorch's `nn.ConvTranspose2d(groups)`, with [C, F/groups, k, k] stored as [k, k, F/groups, C]. No bias, since a normalisation follows.
 */
export class GroupedConv2DTranspose extends Layer {
  static readonly className = 'PoseBlocks>GroupedConv2DTranspose';
  readonly config: GroupedConv2DTransposeConfig;
  private readonly initializer: Initializer;
  private kernel!: ReturnType<layers.Layer['addWeight']>;

  constructor({ kernelInitializer = initializers.heNormal({}), ...options }: Arguments) {
    super(options as ConstructorParameters<typeof layers.Layer>[0]);
    const { filters, kernelSize, groups } = options;
    this.config = { filters, kernelSize, groups };
    this.initializer = kernelInitializer;
  }

  override build(shape: Shape | Shape[]): void {
    const { filters, kernelSize, groups } = this.config;
    const inputs = (shape as Shape)[3]!;
    this.kernel = this.addWeight(
      'kernel',
      [kernelSize, kernelSize, filters / groups, inputs],
      'float32',
      this.initializer,
    );
    this.built = true;
  }

  override computeOutputShape(shape: Shape | Shape[]): Shape {
    const [batch = null, height, width] = shape as Shape;
    return [batch, height == null ? null : 2 * height, width == null ? null : 2 * width, this.config.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      return groupedConv2dTranspose(x, this.kernel.read() as tf.Tensor4D, this.config.groups);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config };
  }
}
