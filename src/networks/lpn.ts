import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { globalContext, lightweightBottleneck, squeezeExcite, type Block } from '../blocks';
import { deconvHead } from '../heads';
import { requireVariant } from './backbones/backbone';
import { residualBackbone, type Four } from './backbones/resnet';
import { buildNetwork, type NetworkOptions } from './build';

/**
 * Zhang, Tang and Wu, "Simple and Lightweight Human Pose Estimation", 2019 (arXiv:1911.10346): Tables 1 and 2, COCO val2017 at 256×192.
 * GFLOPs are multiply–adds ÷ 2³⁰ in the convention of these papers; two of the printed values are truncated, not rounded.
 */
export const LPN = {
  'lpn-50': { depths: [3, 4, 6, 3], paper: { params: '2.9M', gflops: '1.0', AP: 69.1 } },
  'lpn-101': { depths: [3, 4, 23, 3], paper: { params: '5.3M', gflops: '1.4', AP: 70.4 } },
  'lpn-152': { depths: [3, 8, 36, 3], paper: { params: '7.4M', gflops: '1.8', AP: 71.0 } },
} as const;

/** Depths of LPN. */
export type LpnVariant = keyof typeof LPN;

/** Options of {@link lpn}. */
export interface LpnOptions extends NetworkOptions {
  /** Attention in every block: Global Context, Squeeze-and-Excitation, none, or your own block. @defaultValue 'gc' */
  attention?: 'gc' | 'se' | 'none' | Block;
  /** Blocks in each stage. @defaultValue those of the variant */
  depths?: Four<number>;
  /** Channels of each stage. @defaultValue [64, 128, 256, 512] */
  widths?: Four<number>;
  /** Channels of the two transposed convolutions of the head. @defaultValue [256, 256] */
  headFilters?: readonly [number, number];
  /** Head in place of the transposed convolutions: `simccHead(…)`, or your own block on the backbone's last map. */
  head?: Block<SymbolicTensor, SymbolicTensor | SymbolicTensor[]>;
}

const ATTENTION = { gc: globalContext({ ratio: 1 / 16 }), se: squeezeExcite({ ratio: 1 / 16 }), none: undefined };

/**
 * Lightweight Pose Network: a ResNet of lightweight bottlenecks with Global Context, and two grouped transposed convolutions.
 * [N, H, W, 3] → heatmaps [N, H/4, W/4, keypoints]. Equal to the official PyTorch code, layer names included.
 *
 * @throws RangeError for an unknown variant, a size not divisible by 16, or no keypoints.
 * @example const network = lpn('lpn-50', { inputShape: [256, 192, 3], keypoints: 17 });
 */
export function lpn(variant: LpnVariant, options: LpnOptions = {}): LayersModel {
  const {
    inputShape = [256, 192, 3],
    keypoints = 17,
    attention = 'gc',
    depths = LPN[variant]?.depths,
    widths = [64, 128, 256, 512],
    headFilters = [256, 256],
    head = deconvHead({ keypoints, filters: headFilters, groups: 'max', pointwise: true }),
    initialization = 'lpn',
    seed = 0,
  } = knownOptions('lpn', options, [
    'inputShape',
    'keypoints',
    'attention',
    'depths',
    'widths',
    'headFilters',
    'head',
    'initialization',
    'seed',
  ]);
  requireVariant('lpn', variant, LPN);
  if (typeof attention === 'string' && !(attention in ATTENTION)) {
    throw new RangeError(`lpn: attention must be 'gc', 'se', 'none' or a block. Received: ${attention}.`);
  }
  const backbone = residualBackbone({
    block: lightweightBottleneck,
    depths,
    widths,
    strides: [1, 2, 2, 1],
    attention: typeof attention === 'string' ? ATTENTION[attention] : attention,
  });
  return buildNetwork(variant, (image, name) => head(backbone.features(image, name).at(-1)!.x, name), {
    inputShape,
    keypoints,
    initialization,
    seed,
    multiple: 16,
  });
}
