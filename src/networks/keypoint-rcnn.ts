import { input, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { featurePyramid, join, type Block } from '../blocks';
import { isBatchNormalization, setTrainable } from '../graph';
import { keypointRoiHead, roiAlignment } from '../heads';
import { requireVariant, type Backbone } from './backbones/backbone';
import { RESNET, resnet, type ResnetVariant } from './backbones/resnet';
import { buildNetwork, type NetworkOptions } from './build';

/** Options of {@link keypointRcnn}. */
export interface KeypointRcnnOptions extends NetworkOptions {
  /** Number of boxes per image, if fixed; only counting needs it. @defaultValue any */
  boxes?: number;
  /** Channels of the pyramid. @defaultValue 256 */
  filters?: number;
  /** Channels of the head's 3×3 convolutions. @defaultValue eight times 512 */
  headFilters?: readonly number[];
  /** Normalisations are neither trained nor updated, as in torchvision's `FrozenBatchNorm2d`. @defaultValue true */
  frozenNormalization?: boolean;
}

/** The two halves accept the options of the whole network, so that one object serves all three. */
const OPTIONS: readonly (keyof KeypointRcnnOptions)[] = [
  'inputShape',
  'keypoints',
  'boxes',
  'filters',
  'headFilters',
  'frozenNormalization',
  'initialization',
  'seed',
];

/** Image pixels per cell of P₂ … P₅, the maps that boxes are read from. */
const STRIDES = [4, 8, 16, 32] as const;
/** Size of the features read from each box, in cells. */
const ROI_SIZE = 14;

function pyramidOf(
  backbone: ResnetVariant | Backbone,
  filters: number,
): Block<SymbolicTensor, readonly SymbolicTensor[]> {
  if (typeof backbone === 'string') requireVariant('keypointRcnn', backbone, RESNET);
  const body = typeof backbone === 'string' ? resnet(backbone) : backbone;
  return (image, root) => {
    const at = join(root, 'backbone');
    const features = body.features(image, join(at, 'body'));
    if (features.map(({ stride }) => stride).join() !== STRIDES.join()) {
      throw new RangeError(
        `keypointRcnn: the backbone must have features of strides ${STRIDES.join(', ')}. Received: ${features.map(({ stride }) => stride).join(', ')}.`,
      );
    }
    return featurePyramid({ filters })(
      features.map(({ x }) => x),
      join(at, 'fpn'),
    );
  };
}

function freezeNormalization(network: LayersModel): void {
  for (const layer of network.layers) {
    if (isBatchNormalization(layer)) setTrainable(layer, false, 'keep');
  }
}

/**
 * The keypoint branch of Mask R-CNN (He, Gkioxari, Dollár and Girshick, "Mask R-CNN", 2017, arXiv:1703.06870) on **given boxes**: ResNet, feature pyramid,
 * RoIAlign, head. [images [N, H, W, 3], boxes [N, R, 4]] → logits [N · R, 56, 56, keypoints], the boxes of the first image first; boxes are x₁, y₁, x₂, y₂ in
 * pixels of the input. The cost is one backbone per image and 3.26 G (÷ 2³⁰) per person.
 *
 * The detector is out of scope: there are no anchors, region proposals, box head or box suppression. Boxes come from your own detector, as for every top-down
 * network here. Where images have different numbers of people, repeat a box and give it weight 0.
 *
 * Equal to torchvision's `keypointrcnn_resnet50_fpn` (its keys without `rpn`, `roi_heads.box_head` and `box_predictor`). Its COCO weights require a
 * normalisation epsilon of 0. Targets: `roiKeypointTarget`; loss: `oneHotKeypointLoss`; decoding: `roiHeatmapDecode`.
 *
 * @throws RangeError for an unknown backbone, one without strides 4 to 32, a size not divisible by 32, or no keypoints.
 * @example
 * const network = keypointRcnn('resnet-50', { inputShape: [800, 1088, 3] });
 * const logits = network.apply([images, boxes]) as tf.Tensor4D;
 */
export function keypointRcnn(
  backbone: ResnetVariant | Backbone = 'resnet-50',
  options: KeypointRcnnOptions = {},
): LayersModel {
  const {
    inputShape = [800, 1344, 3],
    keypoints = 17,
    boxes,
    filters = 256,
    headFilters,
    frozenNormalization = true,
    initialization = 'torchvision-rcnn',
    seed = 0,
  } = knownOptions('keypointRcnn', options, OPTIONS);
  const pyramid = pyramidOf(backbone, filters);
  const given = input({ shape: [boxes ?? null, 4], name: 'boxes' });
  const network = buildNetwork(
    'keypoint-rcnn',
    (image, root) => {
      const levels = pyramid(image, root).slice(0, STRIDES.length);
      const rois = roiAlignment({ size: ROI_SIZE, strides: STRIDES })(
        [...levels, given],
        join(root, 'keypoint_roi_pool'),
      );
      return keypointRoiHead({ keypoints, ...(headFilters && { filters: headFilters }) })(
        rois,
        join(root, 'roi_heads'),
      );
    },
    { inputShape, keypoints, initialization, seed, multiple: 32, others: [given] },
  );
  if (frozenNormalization) freezeNormalization(network);
  return network;
}

/**
 * The first half of {@link keypointRcnn}. It has one input and therefore compiles and exports: [N, H, W, 3] → P₂ … P₆, strides 4 to 64. Its weights have the
 * same names. Read boxes from P₂ … P₅ by `roiAlign` with `size: [14, 14], strides: [4, 8, 16, 32]`.
 *
 * @param options as for {@link keypointRcnn}; options of the head are ignored.
 * @throws RangeError as {@link keypointRcnn} does.
 * @example const features = await compile(keypointRcnnFeatures('resnet-50', { inputShape: [800, 1088, 3] }));
 */
export function keypointRcnnFeatures(
  backbone: ResnetVariant | Backbone = 'resnet-50',
  options: KeypointRcnnOptions = {},
): LayersModel {
  const {
    inputShape = [800, 1344, 3],
    filters = 256,
    frozenNormalization = true,
    initialization = 'torchvision-rcnn',
    seed = 0,
  } = knownOptions('keypointRcnnFeatures', options, OPTIONS);
  const pyramid = pyramidOf(backbone, filters);
  const network = buildNetwork('keypoint-rcnn-features', (image, root) => [...pyramid(image, root)], {
    inputShape,
    keypoints: 1,
    initialization,
    seed,
    multiple: 32,
  });
  if (frozenNormalization) freezeNormalization(network);
  return network;
}

/**
 * The second half of {@link keypointRcnn}: features of each box [R, 14, 14, filters] → logits [R, 56, 56, keypoints]. Its weights have the same names.
 *
 * @param options as for {@link keypointRcnn}; options of the features are ignored.
 * @throws RangeError when there are no keypoints.
 * @example const head = await compile(keypointRcnnHead({ keypoints: 17 }));
 */
export function keypointRcnnHead(options: KeypointRcnnOptions = {}): LayersModel {
  const {
    keypoints = 17,
    filters = 256,
    headFilters,
    initialization = 'torchvision-rcnn',
    seed = 0,
  } = knownOptions('keypointRcnnHead', options, OPTIONS);
  const head = keypointRoiHead({ keypoints, ...(headFilters && { filters: headFilters }) });
  return buildNetwork('keypoint-rcnn-head', (rois, root) => head(rois, join(root, 'roi_heads')), {
    inputShape: [ROI_SIZE, ROI_SIZE, filters],
    keypoints,
    initialization,
    seed,
    multiple: 1,
  });
}
