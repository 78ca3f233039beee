import type { LayersModel } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import type { Block } from '../blocks';
import type { FrozenStatistics } from '../graph';
import { deconvHead, type DeconvHeadOptions } from '../heads';
import { requireVariant, type Backbone } from './backbones/backbone';
import { EFFICIENTNET_V2, efficientNetV2, type EfficientNetV2Variant } from './backbones/efficientnet-v2';
import { RESNET, resnet, type ResnetVariant } from './backbones/resnet';
import { SHUFFLENET_V2, shuffleNetV2, type ShuffleNetV2Variant } from './backbones/shufflenet-v2';
import { buildNetwork, type NetworkOptions } from './build';
import { freezeBackbone, type Freeze } from './freeze';

/** Backbones of {@link simpleBaseline}: Xiao et al. use ResNets; paper 000 also uses the other two. */
export type BackboneVariant = ResnetVariant | EfficientNetV2Variant | ShuffleNetV2Variant;

/** Options of {@link simpleBaseline}. */
export interface SimpleBaselineOptions extends NetworkOptions {
  /** Number of transposed convolutions, each of which doubles the map. @defaultValue 3, or the length of `deconvFilters` */
  deconvLayers?: number;
  /** Channels of each transposed convolution. @defaultValue 256 each */
  deconvFilters?: readonly number[];
  /** Kernel size of the transposed convolutions. @defaultValue 4 */
  deconvKernelSize?: DeconvHeadOptions['kernelSize'];
  /** Groups of the transposed convolutions. @defaultValue 1, dense */
  deconvGroups?: DeconvHeadOptions['groups'];
  /** Kernel size of the last convolution. @defaultValue 1 */
  finalKernelSize?: DeconvHeadOptions['finalKernelSize'];
  /** Frozen parts of the backbone. @defaultValue 'none' */
  freeze?: Freeze;
  /** Whether batch normalisation in frozen parts updates its moving statistics. @defaultValue 'move', as in PyTorch */
  frozenStatistics?: FrozenStatistics;
  /** Attention in every block of a ResNet. @defaultValue none */
  attention?: Block;
}

/**
 * A backbone by name.
 *
 * @throws RangeError for an unknown name, or attention in a backbone that is not a ResNet.
 * @example backboneOf('shufflenet-v2-x2.0')
 */
export function backboneOf(variant: BackboneVariant, { attention }: { attention?: Block } = {}): Backbone {
  requireVariant('simpleBaseline', variant, { ...RESNET, ...EFFICIENTNET_V2, ...SHUFFLENET_V2 });
  if (attention && !(variant in RESNET)) {
    throw new RangeError(`simpleBaseline: attention is an option of ResNets. Received: ${variant}.`);
  }
  if (variant in EFFICIENTNET_V2) return efficientNetV2(variant as EfficientNetV2Variant);
  if (variant in SHUFFLENET_V2) return shuffleNetV2(variant as ShuffleNetV2Variant);
  return resnet(variant as ResnetVariant, attention ? { attention } : {});
}

/**
 * SimpleBaseline (Xiao, Wu and Wei, "Simple Baselines for Human Pose Estimation and Tracking", 2018): a classification backbone followed by transposed
 * convolutions. [N, H, W, 3] → heatmaps [N, 2ⁿH/32, 2ⁿW/32, keypoints] for n transposed convolutions.
 *
 * With a ResNet, equal to the official PyTorch code, layer names included. The checkpoints of the backbones are torchvision's: load them with
 * `strict: false`.
 *
 * @param backbone a name, or your own backbone.
 * @throws RangeError for an unknown backbone, kernel or freeze rule, a size not divisible by 32, or no keypoints.
 * @example const network = simpleBaseline('resnet-50', { inputShape: [256, 192, 3], keypoints: 17 });
 */
export function simpleBaseline(backbone: BackboneVariant | Backbone, options: SimpleBaselineOptions = {}): LayersModel {
  const {
    inputShape = [256, 192, 3],
    keypoints = 17,
    deconvFilters,
    deconvLayers = deconvFilters?.length ?? 3,
    deconvKernelSize = 4,
    deconvGroups = 1,
    finalKernelSize = 1,
    freeze = 'none',
    frozenStatistics = 'move',
    attention,
    initialization = 'simple-baseline',
    seed = 0,
  } = knownOptions('simpleBaseline', options, [
    'inputShape',
    'keypoints',
    'deconvFilters',
    'deconvLayers',
    'deconvKernelSize',
    'deconvGroups',
    'finalKernelSize',
    'freeze',
    'frozenStatistics',
    'attention',
    'initialization',
    'seed',
  ]);
  const name = typeof backbone === 'string' ? `simple-baseline-${backbone}` : 'simple-baseline';
  if (!Number.isInteger(deconvLayers) || deconvLayers < 0) {
    throw new RangeError(`${name}: deconvLayers must be an integer, 0 or more. Received: ${deconvLayers}.`);
  }
  if (deconvFilters && deconvFilters.length !== deconvLayers) {
    throw new RangeError(
      `${name}: deconvFilters must have deconvLayers entries. Received: ${deconvFilters.length} and ${deconvLayers}.`,
    );
  }
  const body = typeof backbone === 'string' ? backboneOf(backbone, attention ? { attention } : {}) : backbone;
  const head = deconvHead({
    keypoints,
    filters: deconvFilters ?? new Array<number>(deconvLayers).fill(256),
    kernelSize: deconvKernelSize,
    groups: deconvGroups,
    finalKernelSize,
  });
  const network = buildNetwork(name, (image, root) => head(body.features(image, root).at(-1)!.x, root), {
    inputShape,
    keypoints,
    initialization,
    seed,
    multiple: 32,
  });
  freezeBackbone(network, body, freeze, frozenStatistics);
  return network;
}
