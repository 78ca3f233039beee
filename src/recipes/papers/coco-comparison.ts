import type { LayersModel } from '@tensorflow/tfjs-layers';
import { hrnet, lpn, type NetworkOptions, requireVariant, simpleBaseline, stackedHourglass } from '../../networks';

const small = [256, 192, 3] as const;
const large = [384, 288, 3] as const;
type Build = (options: NetworkOptions) => LayersModel;

/**
 * Zhang, Tang and Wu, "Simple and Lightweight Human Pose Estimation", 2019 (arXiv:1911.10346): Tables 1 to 3, COCO val2017, AP in percent. GFLOPs are
 * multiply–adds ÷ 2³⁰ in the paper's convention. Rows that the paper quotes for networks that it does not build on are omitted.
 */
export const COCO_COMPARISON = {
  'lpn50-nogc': { paper: { params: '2.7M', flops: '1.0063G' } },
  'lpn50-gc': { paper: { params: '2.9M', flops: '1.0079G', AP: 69.1 } },
  'lpn101-nogc': { paper: { params: '5.0M', flops: '1.4118G' } },
  'lpn101-gc': { paper: { params: '5.3M', flops: '1.4143G', AP: 70.4 } },
  'lpn152-nogc': { paper: { params: '6.9M', flops: '1.8189G' } },
  'lpn152-gc': { paper: { params: '7.4M', flops: '1.8224G', AP: 71.0 } },
  'simplebaseline50-256x192': { paper: { params: '34.0M', flops: '8.9G', AP: 70.4 } },
  'simplebaseline101-256x192': { paper: { params: '53.0M', flops: '12.4G', AP: 71.4 } },
  'simplebaseline152-256x192': { paper: { params: '68.6M', flops: '15.7G', AP: 72.0 } },
  'simplebaseline152-384x288': { paper: { params: '68.6M', flops: '35.6G', AP: 74.3 } },
  'hrnet-w32-256x192': { paper: { params: '28.5M', flops: '7.1G', AP: 74.4 } },
  'hrnet-w32-384x288': { paper: { params: '28.5M', flops: '16.0G', AP: null } },
  'hrnet-w48-256x192': { paper: { params: '63.6M', flops: '14.6G', AP: 75.1 } },
  'hrnet-w48-384x288': { paper: { params: '63.6M', flops: '32.9G', AP: 76.3 } },
  'hourglass8-256x256': { paper: { params: '25.6M', flops: '26.2G', AP: 66.9 } },
  'hourglass8-256x192': { paper: { params: '25.6M', flops: '26.2G', AP: 66.9 } },
} as const;

/** Rows of the comparison on COCO in paper 003. */
export type CocoComparison = keyof typeof COCO_COMPARISON;

const hourglass8: Build = (options) => stackedHourglass({ stacks: 8, keypoints: 17, ...options });

const BUILD: Readonly<Record<CocoComparison, Build>> = {
  'lpn50-nogc': (options) => lpn('lpn-50', { attention: 'none', ...options }),
  'lpn50-gc': (options) => lpn('lpn-50', options),
  'lpn101-nogc': (options) => lpn('lpn-101', { attention: 'none', ...options }),
  'lpn101-gc': (options) => lpn('lpn-101', options),
  'lpn152-nogc': (options) => lpn('lpn-152', { attention: 'none', ...options }),
  'lpn152-gc': (options) => lpn('lpn-152', options),
  'simplebaseline50-256x192': (options) => simpleBaseline('resnet-50', options),
  'simplebaseline101-256x192': (options) => simpleBaseline('resnet-101', options),
  'simplebaseline152-256x192': (options) => simpleBaseline('resnet-152', options),
  'simplebaseline152-384x288': (options) => simpleBaseline('resnet-152', { inputShape: large, ...options }),
  'hrnet-w32-256x192': (options) => hrnet('hrnet-w32', options),
  'hrnet-w32-384x288': (options) => hrnet('hrnet-w32', { inputShape: large, ...options }),
  'hrnet-w48-256x192': (options) => hrnet('hrnet-w48', options),
  'hrnet-w48-384x288': (options) => hrnet('hrnet-w48', { inputShape: large, ...options }),
  'hourglass8-256x256': hourglass8,
  'hourglass8-256x192': (options) => hourglass8({ inputShape: small, ...options }),
};

/**
 * A network of the paper's tables by its row: [N, H, W, 3] → heatmaps [N, H/4, W/4, 17], eight of them for the hourglass.
 *
 * @throws RangeError for an unknown row.
 * @example const network = cocoComparison('hrnet-w48-384x288', { initialization: 'none' });
 */
export function cocoComparison(row: CocoComparison, options: NetworkOptions = {}): LayersModel {
  requireVariant('cocoComparison', row, COCO_COMPARISON, 'row');
  return BUILD[row](options);
}
