import { batchNorm } from './batch-norm';
import { chain, channels, join, type Block } from './block';
import { conv, depthwiseConv, silu, sum } from './layers';
import { squeezeExcite } from './squeeze-excite';
import { stochasticDepth } from './stochastic-depth';

/** Options of {@link mbConv}. */
export interface InvertedBottleneckOptions {
  /** Output channels. */
  filters: number;
  /** Hidden channels as a multiple of the input channels. */
  expansion: number;
  /** Stride of the spatial convolution. @defaultValue 1 */
  strides?: number;
  /** Probability that training drops the body; see {@link stochasticDepth}. @defaultValue 0 */
  dropRate?: number;
  /** Seed of the dropping; see {@link stochasticDepth}. @defaultValue 0 */
  seed?: number;
}

/** EfficientNetV2's batch normalisation uses its own epsilon. */
const norm = (): Block => batchNorm({ epsilon: 1e-3 });

/** x + body(x) where the shape does not change, else body(x). The body's children are named `block.0, 1, …`. */
const inverted =
  (
    { filters, strides = 1, dropRate = 0, seed = 0 }: InvertedBottleneckOptions,
    body: (inputs: number) => Block[],
  ): Block =>
  (x, name) => {
    const y = chain(body(channels(x)))(x, join(name, 'block'));
    if (strides !== 1 || channels(x) !== filters) return y;
    return sum([x, stochasticDepth({ rate: dropRate, seed })(y, join(name, 'stochastic_depth'))], join(name, 'add'));
  };

/**
 * MBConv (Sandler et al. 2018; Tan and Le 2021, figure 2): 1×1 expansion → depthwise 3×3 → Squeeze-and-Excitation → 1×1, with SiLU between them.
 * [N, H, W, C] → [N, H/strides, W/strides, filters]. The excitation has a quarter of the *input* channels as its hidden channels. Equal to torchvision's `MBConv`.
 *
 * @example mbConv({ filters: 128, expansion: 4, strides: 2 })(x, 'features.4.0')
 */
export function mbConv(options: InvertedBottleneckOptions): Block {
  const { filters, expansion, strides = 1 } = options;
  return inverted(options, (inputs) => [
    ...(expansion === 1 ? [] : [chain([conv({ filters: inputs * expansion, kernelSize: 1 }), norm(), silu()])]),
    chain([depthwiseConv({ kernelSize: 3, strides }), norm(), silu()]),
    squeezeExcite({ filters: Math.max(1, Math.floor(inputs / 4)), activation: silu() }),
    chain([conv({ filters, kernelSize: 1 }), norm()]),
  ]);
}

/**
 * Fused-MBConv (Tan and Le 2021, figure 2): one 3×3 in place of MBConv's expansion and depthwise convolution. [N, H, W, C] → [N, H/strides, W/strides, filters].
 * With expansion 1 the block is the 3×3 convolution alone. Equal to torchvision's `FusedMBConv`.
 *
 * @example fusedMbConv({ filters: 48, expansion: 4, strides: 2 })(x, 'features.2.0')
 */
export function fusedMbConv(options: InvertedBottleneckOptions): Block {
  const { filters, expansion, strides = 1 } = options;
  return inverted(options, (inputs) =>
    expansion === 1
      ? [chain([conv({ filters, kernelSize: 3, strides }), norm(), silu()])]
      : [
          chain([conv({ filters: inputs * expansion, kernelSize: 3, strides }), norm(), silu()]),
          chain([conv({ filters, kernelSize: 1 }), norm()]),
        ],
  );
}
