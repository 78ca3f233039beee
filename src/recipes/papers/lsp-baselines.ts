import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type NetworkOptions, requireVariant, simpleBaseline, type SimpleBaselineOptions } from '../../networks';

/**
 * Giacomo Virginio, "Human Pose Estimation on LSP Dataset": Table 1. SimpleBaselines with 14 keypoints on torchvision's backbones, PCK in percent.
 * Unless the row differs: 256×256, three transposed convolutions of 4×4, a last one of 3×3, and only the backbone's last child is trained.
 */
export const LSP_BASELINES = {
  base: {
    backbone: 'resnet-50',
    paper: { heatmap: '64 x 64', params: '34.0M', learnable: '25.5M', train: 92.2, test: 57.1 },
  },
  kernelsize3: {
    backbone: 'resnet-50',
    deconvKernelSize: 3,
    paper: { heatmap: '64 x 64', params: '29.4M', learnable: '20.9M', train: 92.9, test: 57.0 },
  },
  finalkernel1: {
    backbone: 'resnet-50',
    finalKernelSize: 1,
    paper: { heatmap: '64 x 64', params: '34.0M', learnable: '25.5M', train: 98.6, test: 60.0 },
  },
  '128x128': {
    backbone: 'resnet-50',
    inputShape: [128, 128, 3],
    paper: { heatmap: '32 x 32', params: '34.0M', learnable: '25.5M', train: 91.5, test: 43.6 },
  },
  '2layers': {
    backbone: 'resnet-50',
    deconvLayers: 2,
    paper: { heatmap: '32 x 32', params: '33.0M', learnable: '24.4M', train: 98.2, test: 55.1 },
  },
  freezeall: {
    backbone: 'resnet-50',
    freeze: 'all',
    paper: { heatmap: '64 x 64', params: '34.0M', learnable: '10.5M', train: 88.8, test: 35.4 },
  },
  resnet18: {
    backbone: 'resnet-18',
    paper: { heatmap: '64 x 64', params: '15.4M', learnable: '12.6M', train: 98.8, test: 56.9 },
  },
  efficientnet: {
    backbone: 'efficientnet-v2-s',
    paper: { heatmap: '64 x 64', params: '27.6M', learnable: '7.7M', train: 63.2, test: 34.1 },
  },
  shuffle: {
    backbone: 'shufflenet-v2-x2.0',
    paper: { heatmap: '64 x 64', params: '15.9M', learnable: '12.5M', train: 99.8, test: 37.3 },
  },
  shuffle10: {
    backbone: 'shufflenet-v2-x2.0',
    paper: { heatmap: '64 x 64', params: '15.9M', learnable: '12.5M', train: 95.2, test: 36.5 },
  },
} as const;

/** Rows of the tables in paper 000. */
export type LspBaseline = keyof typeof LSP_BASELINES;

/**
 * A network of the paper by its row: [N, 256, 256, 3] → [N, 64, 64, 14], unless the row differs. `shuffle10` is `shuffle` after ten epochs.
 *
 * @throws RangeError for an unknown row.
 * @example const network = lspBaseline('finalkernel1');
 */
export function lspBaseline(row: LspBaseline, options: SimpleBaselineOptions & NetworkOptions = {}): LayersModel {
  requireVariant('lspBaseline', row, LSP_BASELINES, 'row');
  const { backbone, paper: _, ...own } = LSP_BASELINES[row];
  const common = { inputShape: [256, 256, 3], keypoints: 14, finalKernelSize: 3, freeze: 'all-but-last' } as const;
  return simpleBaseline(backbone, { ...common, ...own, ...options });
}
