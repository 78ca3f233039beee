import { batchNorm, chain, conv, join, maxPool, relu, shuffleUnit, stage, type Block } from '../../blocks';
import { feature, requireVariant, type Backbone, type Feature } from './backbone';

/** Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018: Table 5, as in torchvision. */
export const SHUFFLENET_V2 = {
  'shufflenet-v2-x2.0': { depths: [4, 8, 4], widths: [24, 244, 488, 976, 2048] },
} as const;

/** Widths of ShuffleNetV2. */
export type ShuffleNetV2Variant = keyof typeof SHUFFLENET_V2;

const convNormRelu = (filters: number, kernelSize: number, strides: number): Block =>
  chain([conv({ filters, kernelSize, strides }), batchNorm(), relu()]);

/**
 * ShuffleNetV2 without its pooling and classifier, with torchvision's layer names (`conv1`, `stage2` …, `conv5`): features at strides 2, 4, 8, 16, 32
 * (24, 24, 244, 488 and 2048 channels).
 *
 * @throws RangeError for an unknown variant.
 * @example shuffleNetV2('shufflenet-v2-x2.0')
 */
export function shuffleNetV2(variant: ShuffleNetV2Variant): Backbone {
  requireVariant('shuffleNetV2', variant, SHUFFLENET_V2);
  const { depths, widths } = SHUFFLENET_V2[variant];
  const units = (i: 0 | 1 | 2): Block => stage(shuffleUnit, { filters: widths[i + 1]!, depth: depths[i], strides: 2 });
  const parts: Record<string, Block> = {
    conv1: convNormRelu(widths[0], 3, 2),
    maxpool: maxPool({ poolSize: 3, strides: 2, padding: 1 }),
    stage2: units(0),
    stage3: units(1),
    stage4: units(2),
    conv5: convNormRelu(widths[4], 1, 1),
  };
  return {
    children: Object.keys(parts),
    features: (image, name) => {
      let x = image;
      const features: Feature[] = Object.entries(parts).map(([key, part]) => {
        x = part(x, join(name, key));
        return feature(image, x);
      });
      return features.filter(({ stride }, i) => features[i + 1]?.stride !== stride);
    },
  };
}
