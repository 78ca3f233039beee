import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { layers } from '@tensorflow/tfjs-layers';
import { apply, conv, join, type Block } from '../blocks';

/** Options of {@link simccHead}. */
export interface SimccHeadOptions {
  /** Number of keypoints. */
  readonly keypoints: number;
  /** `[width, height]` of the network's input in pixels, as in the codec. */
  readonly inputSize: readonly [width: number, height: number];
  /** Bins per pixel, as in the codec. @defaultValue 2 */
  readonly split?: number;
  /** Kernel size of the convolution that makes one map per keypoint. @defaultValue 1 */
  readonly kernelSize?: number;
}

/**
 * The head of SimCC: one map per keypoint. Two linear layers turn its pixels into scores of the bins along each axis.
 * [N, H, W, C] → `[x, y]`: [N, K, W·split] and [N, K, H·split]. `simccCodec` decodes it and `simccKl` is its loss.
 *
 * Li et al. 2022, arxiv.org/abs/2107.03332; names as in MMPose's SimCCHead (`final_layer`, `mlp_head_x`, `mlp_head_y`), whose checkpoints load.
 *
 * @throws RangeError when keypoints, a size or `split` is not a positive integer.
 * @example
 * import { simccHead } from 'poseblocks/heads';
 * const head = simccHead({ keypoints: 17, inputSize: [192, 256] });
 * const [x, y] = head(features, 'head'); // [N, 17, 384], [N, 17, 512]
 */
export function simccHead({
  keypoints,
  inputSize,
  split = 2,
  kernelSize = 1,
}: SimccHeadOptions): Block<SymbolicTensor, [x: SymbolicTensor, y: SymbolicTensor]> {
  if (![keypoints, ...inputSize, split].every((value) => Number.isInteger(value) && value > 0)) {
    throw new RangeError(
      `simccHead: keypoints, inputSize [width, height] and split must be positive integers. Received: ${keypoints}, [${inputSize}], ${split}.`,
    );
  }
  return (x, name) => {
    const maps = conv({ filters: keypoints, kernelSize, useBias: true })(x, join(name, 'final_layer'));
    const cells = maps.shape[1]! * maps.shape[2]!;
    const turned = apply(layers.permute({ dims: [3, 1, 2], name: join(name, 'keypoints_first') }), maps);
    const rows = apply(layers.reshape({ targetShape: [keypoints, 1, cells], name: join(name, 'flatten') }), turned);
    // A linear layer over the pixels of each map: a 1×1 convolution whose channels are the pixels.
    const along = (axis: 'x' | 'y', bins: number): SymbolicTensor => {
      const scores = conv({ filters: bins, kernelSize: 1, useBias: false })(rows, join(name, `mlp_head_${axis}`));
      return apply(layers.reshape({ targetShape: [keypoints, bins], name: join(name, `scores_${axis}`) }), scores);
    };
    return [along('x', inputSize[0] * split), along('y', inputSize[1] * split)];
  };
}
