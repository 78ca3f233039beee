import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { bottleneck } from '../blocks';
import { deconvHead, integralHead } from '../heads';
import { requireVariant } from './backbones/backbone';
import { RESNET, residualBackbone } from './backbones/resnet';
import { buildNetwork, type NetworkOptions } from './build';

/** Sun et al., "Integral Human Pose Regression", 2018 (arXiv:1711.08229), as quoted by paper 003, COCO test-dev at 256×256. */
export const INTEGRAL_REGRESSION = {
  'integral-50': { backbone: 'resnet-50', paper: {} },
  'integral-101': { backbone: 'resnet-101', paper: { params: '45.0M', gflops: '11.0', AP: 67.8 } },
  'integral-152': { backbone: 'resnet-152', paper: {} },
} as const;

/** Backbones of Integral Regression. */
export type IntegralVariant = keyof typeof INTEGRAL_REGRESSION;

/** Options of {@link integralRegression}. */
export interface IntegralRegressionOptions extends NetworkOptions {
  /** Cells along z: 1 gives (x, y); the authors use 64 for (x, y, z). @defaultValue 1 */
  depth?: number;
  /** `'both'`: the heatmap logits, then the coordinates, for a loss on each. @defaultValue 'coordinates' */
  outputs?: 'coordinates' | 'both';
  /** Kernel of the last convolution. The MXNet original uses `'1x1'`, as its FLOPs show; the PyTorch code `'3x3'`. @defaultValue '3x3' */
  strideOn?: '1x1' | '3x3';
  /** Kernel size of the transposed convolutions. @defaultValue 4 */
  deconvKernelSize?: 2 | 3 | 4;
}

/**
 * Integral Regression: a ResNet, three transposed convolutions, heatmap logits, and their expected coordinates under a softmax.
 * [N, H, W, 3] → [N, keypoints, 2] of `x / W − ½, y / H − ½`, or [N, keypoints, 3]. Train it with `coordinateRegression`; `coordinateCodec` encodes and decodes.
 *
 * Equal to github.com/JimmySuen/integral-human-pose (layer names `backbone`, `head.features`), whose graph is SimpleBaseline's. That code is 3-D only.
 * {@link integralHead} adds integral regression to any other heatmap network.
 *
 * @throws RangeError for an unknown variant, a size not divisible by 32, no keypoints, or a depth that is not a positive integer.
 * @example const network = integralRegression('integral-101', { inputShape: [256, 256, 3], keypoints: 17 });
 */
export function integralRegression(variant: IntegralVariant, options: IntegralRegressionOptions = {}): LayersModel {
  const {
    inputShape = [256, 256, 3],
    keypoints = 17,
    depth = 1,
    outputs = 'coordinates',
    strideOn = '3x3',
    deconvKernelSize = 4,
    initialization = 'gaussian-0.001',
    seed = 0,
  } = knownOptions('integralRegression', options, [
    'inputShape',
    'keypoints',
    'depth',
    'outputs',
    'strideOn',
    'deconvKernelSize',
    'initialization',
    'seed',
  ]);
  requireVariant('integralRegression', variant, INTEGRAL_REGRESSION);
  const backbone = residualBackbone({
    ...RESNET[INTEGRAL_REGRESSION[variant].backbone],
    block: (options) => bottleneck({ ...options, strideOn }),
  });
  const network = (image: SymbolicTensor): SymbolicTensor[] => {
    const { x } = backbone.features(image, 'backbone').at(-1)!;
    const head = deconvHead({
      keypoints: keypoints * depth,
      filters: [256, 256, 256],
      kernelSize: deconvKernelSize,
      names: 'sequential',
    });
    const logits = head(x, 'head');
    const coordinates = integralHead({ depth })(logits, '');
    return outputs === 'both' ? [logits, coordinates] : [coordinates];
  };
  return buildNetwork(variant, network, { inputShape, keypoints, initialization, seed, multiple: 32 });
}
