import { knownOptions } from '../../bytes';
import {
  batchNorm,
  chain,
  conv,
  fusedMbConv,
  join,
  mbConv,
  silu,
  type Block,
  type InvertedBottleneckOptions,
} from '../../blocks';
import { feature, requireVariant, type Backbone } from './backbone';

/** Variants of EfficientNetV2, as torchvision names them. */
export type EfficientNetV2Variant = 'efficientnet-v2-s';

interface EfficientNetV2Row {
  /** Channels of the first convolution. */
  readonly stem: number;
  readonly stages: readonly (InvertedBottleneckOptions & { block: typeof mbConv; strides: number; depth: number })[];
  /** Channels of the last convolution. */
  readonly last: number;
  readonly stochasticDepth: number;
}

/** Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021: Table 4, with torchvision's last convolution and epsilon. */
export const EFFICIENTNET_V2: Readonly<Record<EfficientNetV2Variant, EfficientNetV2Row>> = {
  'efficientnet-v2-s': {
    stem: 24,
    stages: [
      { block: fusedMbConv, expansion: 1, strides: 1, filters: 24, depth: 2 },
      { block: fusedMbConv, expansion: 4, strides: 2, filters: 48, depth: 4 },
      { block: fusedMbConv, expansion: 4, strides: 2, filters: 64, depth: 4 },
      { block: mbConv, expansion: 4, strides: 2, filters: 128, depth: 6 },
      { block: mbConv, expansion: 6, strides: 1, filters: 160, depth: 9 },
      { block: mbConv, expansion: 6, strides: 2, filters: 256, depth: 15 },
    ],
    last: 1280,
    stochasticDepth: 0.2,
  },
};

const convNormSilu = (filters: number, kernelSize: number, strides: number): Block =>
  chain([conv({ filters, kernelSize, strides }), batchNorm({ epsilon: 1e-3 }), silu()]);

/**
 * EfficientNetV2 without its pooling and classifier, with torchvision's layer names (`features.0` …): features at strides 2, 4, 8, 16, 32
 * (24, 48, 64, 160 and 1280 channels).
 *
 * @param options.stochasticDepth probability that training drops the last block; it increases linearly from 0 over the blocks. @defaultValue 0.2
 * @param options.seed seed of the dropping, together with the layer's name and the training step. @defaultValue 0
 * @throws RangeError for an unknown variant.
 * @example efficientNetV2('efficientnet-v2-s')
 */
export function efficientNetV2(
  variant: EfficientNetV2Variant,
  options: { stochasticDepth?: number; seed?: number } = {},
): Backbone {
  requireVariant('efficientNetV2', variant, EFFICIENTNET_V2);
  knownOptions('efficientNetV2', options, ['stochasticDepth', 'seed']);
  const { stem, stages, last, stochasticDepth, seed } = { seed: 0, ...EFFICIENTNET_V2[variant], ...options };
  const blocks = stages.reduce((sum, { depth }) => sum + depth, 0);
  let index = 0;
  const parts: Block[] = [
    convNormSilu(stem, 3, 2),
    ...stages.map(({ block, depth, strides, ...stage }) =>
      chain(
        Array.from({ length: depth }, (_, i) =>
          block({ ...stage, strides: i === 0 ? strides : 1, dropRate: (stochasticDepth * index++) / blocks, seed }),
        ),
      ),
    ),
    convNormSilu(last, 1, 1),
  ];
  return {
    children: parts.map((_, i) => `features.${i}`),
    features: (image, name) => {
      let x = image;
      const features = parts.map((part, i) => {
        x = part(x, join(name, `features.${i}`));
        return feature(image, x);
      });
      return features.filter(({ stride }, i) => features[i + 1]?.stride !== stride);
    },
  };
}
