import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cpn, grmi, integralRegression, type NetworkOptions, pyranet, requireVariant } from '../../networks';

/**
 * Systems that paper 003 compares with and quotes from other papers, each in the variants that the printed values could belong to. The values are parameters and multiply–adds ÷ 2³⁰.
 * `reason` compares our count with the printed one; rows with `deployed` count the multiply–adds of the last output, without heads that only training needs.
 * CPN on ResNet-Inception was never released, and Mask R-CNN's detector is not pose estimation on given boxes, so neither is included; the keypoint branch of Mask R-CNN is
 * `keypointRcnn`, which has boxes as a second input.
 */
export const QUOTED_NETWORKS = {
  'cpn50-paper': {
    paper: { params: '27.0M', flops: '6.2G', AP: 68.6 },
    deployed: true,
    reason: 'both exact: 26,985,826 parameters without the 421,000 of the heads that only training needs, and 6.204',
  },
  'cpn50-paper-384x288': { paper: { flops: '13.9G' }, deployed: true, reason: '13.960, printed truncated' },
  cpn50: {
    paper: { params: '27.0M', flops: '6.2G' },
    reason:
      'the code that the first author released: 27.0M by coincidence (heads counted, projections missing), 6.734 with all five outputs',
  },
  'cpn50-refine-path': {
    paper: { params: '27.0M', flops: '6.2G' },
    deployed: true,
    reason: 'the same without the heads: 6.336, because the 3×3 has the stride',
  },
  'cpn50-v1stride-refine-path': {
    paper: { params: '27.0M', flops: '6.2G' },
    deployed: true,
    reason: 'the same with the stride on the 1×1: 6.125, because shortcuts are identities',
  },
  'cpn50-port': {
    paper: { params: '27.0M', flops: '6.2G' },
    reason: 'GengDavid’s port counts the heads and has the stride on the 3×3: 27.4M and 6.813',
  },
  'cpn50-384x288': { paper: {}, reason: 'the paper gives no count' },
  'cpn101-384x288': {
    paper: {},
    reason: 'the paper gives no count; with public code, in place of ResNet-Inception’s row',
  },
  integral101: {
    paper: { params: '45.0M', flops: '11.0G', AP: 67.8 },
    reason:
      'the authors’ PyTorch code: 53.0M, not 45.0M, which is probably ResNet-101 with its classifier (44.5M) re-printed; 11.254 real multiply–adds',
  },
  'integral101-v1stride': {
    paper: { params: '45.0M', flops: '11.0G' },
    reason:
      '11.0 exact in real multiply–adds (10.973) when the 1×1 of the backbone has the stride, as in the MXNet original; 53.0M parameters',
  },
  'integral101-k2': {
    paper: { params: '45.0M', flops: '11.0G' },
    reason:
      'transposed convolutions of 2×2: 45.1M, and 10.973 as papers count; near both values, but the paper says 4×4',
  },
  grmi101: {
    paper: { params: '42.6M', flops: '57.0G', AP: 64.9 },
    reason:
      'parameters exact; 59.948, not 57.0, which is the body at 256×256 (41.175) times the ratio of areas (1.3843), so probably scaled, not counted',
  },
  'grmi101-v1stride': {
    paper: { params: '42.6M', flops: '57.0G' },
    reason: 'stride on the 1×1: 59.817; parameters exact',
  },
  'grmi101-slim': {
    paper: { params: '42.6M', flops: '57.0G' },
    reason: 'strides and dilations of TF-slim: 59.604; parameters exact',
  },
  'pyranet8-17j-320x256': {
    paper: { params: '28.1M', flops: '26.7G', AP: 72.3 },
    reason:
      'both exact: 26.597 multiply–adds, and 26.699 with an addition for each bias, as the print counts; the AP is AlphaPose’s, with its weights and random pooling',
  },
  'pyranet8-17j-256x256': { paper: {}, reason: 'the paper gives no count' },
  'pyranet8-16j-320x256': {
    paper: { params: '28.1M', flops: '26.7G' },
    reason: 'the same with MPII’s joints: 26.579, and 26.680 with an addition for each bias',
  },
  'pyranet8-16j-256x256': { paper: {}, reason: 'the paper gives no count' },
  'pyranet2-16j': { paper: {}, reason: 'the paper gives no count; the authors’ training script' },
  'alphapose-default': {
    paper: {},
    reason: 'the paper gives no count; the default options of AlphaPose’s Torch code, which are not the quoted network',
  },
} as const;

/** Rows of the systems that paper 003 quotes. */
export type QuotedNetwork = keyof typeof QUOTED_NETWORKS;

const large = [384, 288, 3] as const;
const square = [256, 256, 3] as const;
type Build = (options: NetworkOptions) => LayersModel;

const BUILD: Readonly<Record<QuotedNetwork, Build>> = {
  'cpn50-paper': (options) => cpn('cpn-50', options),
  'cpn50-paper-384x288': (options) => cpn('cpn-50', { inputShape: large, ...options }),
  cpn50: (options) => cpn('cpn-50', { form: 'release', ...options }),
  'cpn50-refine-path': (options) => cpn('cpn-50', { form: 'release', ...options }),
  'cpn50-v1stride-refine-path': (options) => cpn('cpn-50', { form: 'release', strideOn: '1x1', ...options }),
  'cpn50-port': (options) => cpn('cpn-50', { form: 'port', ...options }),
  'cpn50-384x288': (options) => cpn('cpn-50', { form: 'release', inputShape: large, ...options }),
  'cpn101-384x288': (options) => cpn('cpn-101', { form: 'release', inputShape: large, ...options }),
  integral101: (options) => integralRegression('integral-101', { outputs: 'both', ...options }),
  'integral101-v1stride': (options) =>
    integralRegression('integral-101', { outputs: 'both', strideOn: '1x1', ...options }),
  'integral101-k2': (options) =>
    integralRegression('integral-101', { outputs: 'both', strideOn: '1x1', deconvKernelSize: 2, ...options }),
  grmi101: (options) => grmi('grmi-101', { outputs: 'both', ...options }),
  'grmi101-v1stride': (options) => grmi('grmi-101', { outputs: 'both', strideOn: '1x1', ...options }),
  'grmi101-slim': (options) => grmi('grmi-101', { outputs: 'both', rule: 'slim', ...options }),
  'pyranet8-17j-320x256': (options) => pyranet(options),
  'pyranet8-17j-256x256': (options) => pyranet({ inputShape: square, ...options }),
  'pyranet8-16j-320x256': (options) => pyranet({ keypoints: 16, ...options }),
  'pyranet8-16j-256x256': (options) => pyranet({ keypoints: 16, inputShape: square, ...options }),
  'pyranet2-16j': (options) => pyranet({ stacks: 2, keypoints: 16, inputShape: square, ...options }),
  'alphapose-default': (options) => pyranet({ keypoints: 33, baseWidth: 6, cardinality: 5, ...options }),
};

/**
 * A system that paper 003 compares with, by its row, with everything that training needs: CPN's five outputs, logits and coordinates of Integral Regression, G-RMI's
 * maps and their resized form, the heatmaps of all of PyraNet's stacks. Deploy its `lastOutput`.
 *
 * @throws RangeError for an unknown row.
 * @example const network = quotedNetwork('cpn50-paper', { initialization: 'none' });
 */
export function quotedNetwork(row: QuotedNetwork, options: NetworkOptions = {}): LayersModel {
  requireVariant('quotedNetwork', row, QUOTED_NETWORKS, 'row');
  return BUILD[row](options);
}
