import type { LayersModel } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { chain, conv } from '../blocks';
import { requireVariant } from './backbones/backbone';
import { highResolutionBackbone } from './backbones/hrnet';
import { buildNetwork, type NetworkOptions } from './build';

/**
 * Sun, Xiao, Liu and Wang, "Deep High-Resolution Representation Learning for Human Pose Estimation", 2019 (arXiv:1902.09212): Table 1,
 * COCO val2017 at 256×192. GFLOPs are multiply–adds ÷ 2³⁰.
 */
export const HRNET = {
  'hrnet-w32': { width: 32, paper: { params: '28.5M', gflops: '7.1', AP: 74.4 } },
  'hrnet-w48': { width: 48, paper: { params: '63.6M', gflops: '14.6', AP: 75.1 } },
} as const;

/** Widths of HRNet. */
export type HrnetVariant = keyof typeof HRNET;

/** Options of {@link hrnet}. */
export interface HrnetOptions extends NetworkOptions {
  /** Channels of the finest branch. @defaultValue those of the variant */
  width?: number;
}

/**
 * High-Resolution Network: four resolutions in parallel that exchange features repeatedly, and heatmaps from the finest.
 * [N, H, W, 3] → [N, H/4, W/4, keypoints]. Equal to the official PyTorch code, layer names included.
 *
 * @throws RangeError for an unknown variant, a size not divisible by 32, or no keypoints.
 * @example const network = hrnet('hrnet-w32', { inputShape: [256, 192, 3], keypoints: 17 });
 */
export function hrnet(variant: HrnetVariant, options: HrnetOptions = {}): LayersModel {
  const {
    inputShape = [256, 192, 3],
    keypoints = 17,
    width = HRNET[variant]?.width,
    initialization = 'gaussian-0.001',
    seed = 0,
  } = knownOptions('hrnet', options, ['inputShape', 'keypoints', 'width', 'initialization', 'seed']);
  requireVariant('hrnet', variant, HRNET);
  const backbone = highResolutionBackbone({ width, outputs: 1 });
  const head = chain({ final_layer: conv({ filters: keypoints, kernelSize: 1, useBias: true }) });
  return buildNetwork(variant, (image, name) => head(backbone.features(image, name)[0]!.x, name), {
    inputShape,
    keypoints,
    initialization,
    seed,
    multiple: 32,
  });
}
