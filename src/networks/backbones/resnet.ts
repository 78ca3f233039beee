import { knownOptions } from '../../bytes';
import {
  basicBlock,
  bottleneck,
  join,
  resnetStem,
  stage,
  type Block,
  type BlockFactory,
  type ResidualOptions,
} from '../../blocks';
import { feature, requireVariant, type Backbone } from './backbone';

/** He et al., "Deep Residual Learning for Image Recognition", 2016: Table 1. Version 1.5, as in torchvision. */
export const RESNET: Readonly<Record<ResnetVariant, Pick<ResidualBackboneOptions, 'block' | 'depths'>>> = {
  'resnet-18': { block: basicBlock, depths: [2, 2, 2, 2] },
  'resnet-34': { block: basicBlock, depths: [3, 4, 6, 3] },
  'resnet-50': { block: bottleneck, depths: [3, 4, 6, 3] },
  'resnet-101': { block: bottleneck, depths: [3, 4, 23, 3] },
  'resnet-152': { block: bottleneck, depths: [3, 8, 36, 3] },
};

/** Depths of ResNet. */
export type ResnetVariant = 'resnet-18' | 'resnet-34' | 'resnet-50' | 'resnet-101' | 'resnet-152';
export type Four<T> = readonly [T, T, T, T];

/** Options of {@link residualBackbone}. */
export interface ResidualBackboneOptions {
  /** Makes the blocks of every stage. */
  block: BlockFactory<ResidualOptions>;
  /** Number of blocks in each stage. */
  depths: Four<number>;
  /** `filters` of the blocks in each stage. @defaultValue [64, 128, 256, 512] */
  widths?: Four<number>;
  /** Stride of each stage. @defaultValue [1, 2, 2, 2] */
  strides?: Four<1 | 2>;
  /** Attention at the end of every block's body. @defaultValue none */
  attention?: Block | undefined;
}

/**
 * A stem and four stages of residual blocks, with the layer names of torchvision's ResNet. Features at strides 4, 8, 16, 32 with the default strides.
 *
 * @example residualBackbone({ block: lightweightBottleneck, depths: [3, 4, 6, 3], strides: [1, 2, 2, 1] })
 */
export function residualBackbone({
  block,
  depths,
  widths = [64, 128, 256, 512],
  strides = [1, 2, 2, 2],
  attention,
}: ResidualBackboneOptions): Backbone {
  const stages = depths.map((depth, i) =>
    stage(block, { filters: widths[i]!, depth, strides: strides[i]!, ...(attention && { attention }) }),
  );
  return {
    children: ['conv1', 'bn1', 'relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4'],
    features: (image, name) => {
      let x = resnetStem({ filters: 64 })(image, name);
      const features = stages.map((layer, i) => {
        x = layer(x, join(name, `layer${i + 1}`));
        return feature(image, x);
      });
      return features.filter(({ stride }, i) => features[i + 1]?.stride !== stride);
    },
  };
}

/**
 * ResNet without its pooling and classifier: features at strides 4, 8, 16, 32, with 64 … 512 channels (256 … 2048 with bottlenecks).
 * torchvision's checkpoints load without `fc`.
 *
 * @throws RangeError for an unknown variant.
 * @example resnet('resnet-50', { attention: squeezeExcite() }).features(image, '')
 */
export function resnet(variant: ResnetVariant, options: { attention?: Block } = {}): Backbone {
  requireVariant('resnet', variant, RESNET);
  knownOptions('resnet', options, ['attention']);
  return residualBackbone({ ...RESNET[variant], ...options });
}
