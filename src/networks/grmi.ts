import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { conv, resizeBilinear } from '../blocks';
import { requireVariant } from './backbones/backbone';
import { dilatedResnet, type DilatedResnetOptions } from './backbones/dilated-resnet';
import { buildNetwork, type NetworkOptions } from './build';

/** Papandreou et al., "Towards Accurate Multi-person Pose Estimation in the Wild", 2017 (arXiv:1701.01779), as quoted by paper 003, COCO test-dev at 353×257. */
export const GRMI = {
  'grmi-50': { backbone: 'resnet-50', paper: {} },
  'grmi-101': { backbone: 'resnet-101', paper: { params: '42.6M', gflops: '57.0', AP: 64.9 } },
} as const;

/** Backbones of G-RMI. */
export type GrmiVariant = keyof typeof GRMI;

/** Options of {@link grmi}. */
export interface GrmiOptions extends NetworkOptions, DilatedResnetOptions {
  /** `'crop'`: maps resized to the input size; `'map'`: maps as the network computes them; `'both'`: map, then crop. @defaultValue 'crop' */
  outputs?: 'crop' | 'map' | 'both';
  /** Adds keypoint heatmaps [.., keypoints], predicted inside stage 3, as a first output; for training only. @defaultValue false */
  auxiliary?: boolean;
}

/** The block of stage 3 in the middle of ResNet-101, our reading of "layer 50"; the last block in smaller ResNets. */
const AUXILIARY = 12;

/** The block of stage 3 that predicts the auxiliary heatmaps. */
function auxiliaryBlock(blocks: ReadonlyMap<string, SymbolicTensor>): SymbolicTensor {
  const stage = [...blocks].filter(([path]) => path.startsWith('layer3.')).map(([, x]) => x);
  return stage[Math.min(AUXILIARY, stage.length - 1)]!;
}

/**
 * G-RMI's keypoint network: {@link dilatedResnet} with output stride 8 and one 1×1 convolution to a disk heatmap's logits and two offsets per keypoint, resized to the
 * crop with aligned corners, which puts cell i at pixel 8i. [N, H, W, 3] → [N, H, W, 3 · keypoints]. Train it with `diskOffsetLoss`; `diskOffsetCodec` encodes and decodes.
 *
 * No training code is public; structure and losses follow the paper. Its channel order is unknown; this one follows the codec. Whether it dilated by
 * torchvision's rule or, more likely, slim's is an option. The auxiliary heatmaps are the paper's at "layer 50", which we read as the output of a block of stage 3.
 *
 * @throws RangeError for an unknown variant, a size that is not 8n + 1 (16n + 1 at output stride 16), or no keypoints.
 * @example const network = grmi('grmi-101', { inputShape: [353, 257, 3], keypoints: 17, rule: 'slim' });
 */
export function grmi(variant: GrmiVariant, options: GrmiOptions = {}): LayersModel {
  const {
    inputShape = [353, 257, 3],
    keypoints = 17,
    outputStride = 8,
    outputs = 'crop',
    auxiliary = false,
    initialization = 'grmi',
    seed = 0,
    ...others
  } = knownOptions('grmi', options, [
    'inputShape',
    'keypoints',
    'outputStride',
    'outputs',
    'auxiliary',
    'initialization',
    'seed',
    'rule',
    'strideOn',
    'depths',
    'widths',
  ]);
  requireVariant('grmi', variant, GRMI);
  const backbone = dilatedResnet(GRMI[variant].backbone, { outputStride, ...others });
  const network = (image: SymbolicTensor): SymbolicTensor[] => {
    const blocks = backbone.blocks(image, 'backbone');
    const toCrop = resizeBilinear({ size: [image.shape[1]!, image.shape[2]!], mode: 'alignCorners' });
    const head = (x: SymbolicTensor, filters: number, name: string): SymbolicTensor[] => {
      const map = conv({ filters, kernelSize: 1, useBias: true })(x, name);
      return [...(outputs === 'crop' ? [] : [map]), ...(outputs === 'map' ? [] : [toCrop(map, `${name}.crop`)])];
    };
    return [
      ...(auxiliary ? head(auxiliaryBlock(blocks), keypoints, 'auxiliary') : []),
      ...head([...blocks.values()].at(-1)!, 3 * keypoints, 'head'),
    ];
  };
  return buildNetwork(variant, network, {
    inputShape,
    keypoints,
    initialization,
    seed,
    multiple: outputStride,
    plus: 1,
  });
}
