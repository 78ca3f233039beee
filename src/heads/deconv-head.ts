import { knownOptions, requireThat } from '../bytes';
import { batchNorm, chain, conv, relu, type Block } from '../blocks';
import { deconv, type DeconvOptions } from './deconv';

/** Options of {@link deconvHead}. */
export interface DeconvHeadOptions {
  /** Number of heatmaps, one per keypoint. */
  keypoints: number;
  /** Channels of each transposed convolution. Each one doubles height and width. */
  filters: readonly number[];
  /** Kernel size of the transposed convolutions: 2, 3 or 4. @defaultValue 4 */
  kernelSize?: DeconvOptions['kernelSize'];
  /** Groups of each transposed convolution. @defaultValue 1, dense */
  groups?: DeconvOptions['groups'];
  /** Adds a 1×1 convolution after each, which mixes the groups. @defaultValue false */
  pointwise?: boolean;
  /** Kernel size of the last convolution, 1 or 3. @defaultValue 1 */
  finalKernelSize?: 1 | 3;
  /** Layer names. `'split'`: `deconv_layers` and `final_layer`; `'sequential'`: one list, `features`, as in the code of Integral Regression. @defaultValue 'split' */
  names?: 'split' | 'sequential';
}

/**
 * The head of SimpleBaseline (Xiao et al. 2018, section 2; dense) and of LPN (Zhang et al. 2019, section 3.3; `groups: 'max', pointwise: true`):
 * transposed convolutions with normalisation and ReLU, then one convolution to heatmaps. [N, H, W, C] → [N, 2ⁿH, 2ⁿW, keypoints].
 *
 * Layer names are those of both reference implementations: `deconv_layers.0, 1, …` and `final_layer`.
 *
 * @throws RangeError when the kernel size is not supported, the groups do not divide the channels, or there are no keypoints.
 * @example deconvHead({ keypoints: 17, filters: [256, 256], groups: 'max', pointwise: true })
 */
export function deconvHead(options: DeconvHeadOptions): Block {
  const {
    keypoints,
    filters,
    kernelSize = 4,
    groups = 1,
    pointwise = false,
    finalKernelSize = 1,
    names = 'split',
  } = knownOptions('deconvHead', options, [
    'keypoints',
    'filters',
    'kernelSize',
    'groups',
    'pointwise',
    'finalKernelSize',
    'names',
  ]);
  if (!Number.isInteger(keypoints) || keypoints < 1) {
    throw new RangeError(`deconvHead: keypoints must be a positive integer. Received: ${keypoints}.`);
  }
  if (finalKernelSize !== 1 && finalKernelSize !== 3) {
    throw new RangeError(`deconvHead: finalKernelSize must be 1 or 3. Received: ${String(finalKernelSize)}.`);
  }
  requireThat(Array.isArray(filters), 'deconvHead', 'filters must be a list of channels, one a deconvolution', filters, 'For instance [256, 256, 256].'); // prettier-ignore
  const doubling = (count: number): Block[] => [
    deconv({ filters: count, kernelSize, groups }),
    batchNorm(),
    relu(),
    ...(pointwise ? [conv({ filters: count, kernelSize: 1 }), batchNorm(), relu()] : []),
  ];
  const layers = filters.flatMap(doubling);
  const last = conv({ filters: keypoints, kernelSize: finalKernelSize, useBias: true });
  if (names === 'sequential') return chain({ features: chain([...layers, last]) });
  return chain({ deconv_layers: chain(layers), final_layer: last });
}
