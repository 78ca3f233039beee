import { knownOptions } from '../bytes';
import { chain, conv, relu, resizeBilinear, type Block } from '../blocks';
import { deconv } from './deconv';

/** Options of {@link keypointRoiHead}. */
export interface KeypointRoiHeadOptions {
  /** Number of maps, one per keypoint. */
  keypoints: number;
  /** Channels of each 3×3 convolution. @defaultValue eight times 512 */
  filters?: readonly number[];
}

/**
 * The keypoint head of Mask R-CNN (He et al. 2017, section 5): 3×3 convolutions with ReLU, a transposed convolution that doubles the map, and bilinear
 * resizing that doubles it again. [R, H, W, C] → logits [R, 4H, 4W, keypoints]: 14×14 becomes 56×56. All convolutions have a bias. There is no normalisation, and
 * no activation between the transposed convolution and the resizing.
 *
 * Equal to torchvision's `KeypointRCNNHeads` and `KeypointRCNNPredictor`: `keypoint_head.0, 2, …` and `keypoint_predictor.kps_score_lowres`.
 *
 * @throws RangeError when keypoints is not a positive integer.
 * @example keypointRoiHead({ keypoints: 17 })(rois, 'roi_heads')
 */
export function keypointRoiHead(options: KeypointRoiHeadOptions): Block {
  const { keypoints, filters = new Array<number>(8).fill(512) } = knownOptions('keypointRoiHead', options, [
    'keypoints',
    'filters',
  ]);
  if (!Number.isInteger(keypoints) || keypoints < 1) {
    throw new RangeError(`keypointRoiHead: keypoints must be a positive integer. Received: ${keypoints}.`);
  }
  const layer = (count: number): Block[] => [conv({ filters: count, kernelSize: 3, useBias: true }), relu()];
  const twice: Block = (x, name) => {
    const [, height, width] = x.shape as [null, number, number];
    return resizeBilinear({ size: [2 * height, 2 * width], mode: 'halfPixel' })(x, name);
  };
  return chain({
    keypoint_head: chain(filters.flatMap(layer)),
    keypoint_predictor: chain({
      kps_score_lowres: deconv({ filters: keypoints, kernelSize: 4, useBias: true }),
      interpolate: twice,
    }),
  });
}
