import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  apply,
  batchNorm,
  bearpawNames,
  bnReluConv,
  bnReluConvResidual,
  chain,
  channels,
  conv,
  join,
  namanNames,
  preActivationBottleneck,
  relu,
  sum,
  type Block,
  type BlockFactory,
  type HourglassBlockOptions,
  type HourglassOptions,
} from '../blocks';

/** The differences between two PyTorch ports of the stacked hourglass: names, the features after an hourglass, and the last stack. */
export interface HourglassStyle {
  readonly keys: Readonly<
    Record<'hourglass' | 'residual' | 'features' | 'heatmaps' | 'remapFeatures' | 'remapHeatmaps', string>
  >;
  readonly names: NonNullable<HourglassOptions['names']>;
  readonly bottleneck: BlockFactory<HourglassBlockOptions>;
  /** Default number of residuals at each position. */
  readonly blocks: number;
  /** The layers between the residuals after an hourglass and its heatmaps. */
  readonly features: (filters: number) => Block;
  /** Whether the last stack has the layers that feed a next stack. */
  readonly remapLast: boolean;
}

/** Wei Yang's port, github.com/bearpaw/pytorch-pose. */
export const BEARPAW: HourglassStyle = {
  keys: {
    hourglass: 'hg',
    residual: 'res',
    features: 'fc',
    heatmaps: 'score',
    remapFeatures: 'fc_',
    remapHeatmaps: 'score_',
  },
  names: bearpawNames,
  bottleneck: preActivationBottleneck,
  blocks: 1,
  features: (filters) => chain([conv({ filters, kernelSize: 1, useBias: true }), batchNorm(), relu()]),
  remapLast: false,
};

/** Naman Jain's port, github.com/Naman-ntc/Pytorch-Human-Pose-Estimation. */
export const NAMAN: HourglassStyle = {
  keys: {
    hourglass: 'hourglass',
    residual: 'Residual',
    features: 'lin1',
    heatmaps: 'chantojoints',
    remapFeatures: 'lin2',
    remapHeatmaps: 'jointstochan',
  },
  names: namanNames,
  bottleneck: bnReluConvResidual,
  blocks: 2,
  features: (filters) => bnReluConv({ filters, kernelSize: 1 }),
  remapLast: true,
};

/**
 * Returns x and keeps unused layers in the graph, so that a checkpoint with their weights can be loaded: adds 0 times one of their values.
 */
export function unused(x: SymbolicTensor, results: readonly SymbolicTensor[], name: string): SymbolicTensor {
  const total = sum(results, join(name, 'sum'));
  const mean = apply(layers.globalAveragePooling2d({ name: join(name, 'mean') }), total);
  const row = apply(layers.reshape({ targetShape: [1, channels(total), 1], name: join(name, 'row') }), mean);
  const cropping: [[number, number], [number, number]] = [
    [0, 0],
    [0, channels(total) - 1],
  ];
  const one = apply(layers.cropping2D({ cropping, name: join(name, 'crop') }), row);
  const zero = apply(layers.rescaling({ scale: 0, name: join(name, 'zero') }), one);
  return sum([x, zero], join(name, 'add'));
}
