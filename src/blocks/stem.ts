import { knownOptions } from '../bytes';
import { batchNorm } from './batch-norm';
import { chain, type Block } from './block';
import { conv, maxPool, relu } from './layers';

/**
 * The stem of ResNet (He et al. 2016), also LPN's: 7×7 convolution with stride 2, then 3×3 max pooling with stride 2.
 * [N, H, W, C] → [N, H/4, W/4, filters].
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example resnetStem({ filters: 64 })(image, '')
 */
export function resnetStem(options: { filters?: number } = {}): Block {
  const { filters = 64 } = knownOptions('resnetStem', options, ['filters']);
  return chain({
    conv1: conv({ filters, kernelSize: 7, strides: 2 }),
    bn1: batchNorm(),
    relu: relu(),
    maxpool: maxPool({ poolSize: 3, strides: 2, padding: 1 }),
  });
}
