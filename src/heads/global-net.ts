import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { batchNorm, chain, conv, join, pipe, relu, resizeBilinear, sum, type Block, type ResizeMode } from '../blocks';

export interface GlobalNetOptions {
  /** Heatmaps, one a keypoint. */
  keypoints: number;
  /** Channels of the pyramid. @defaultValue 256 */
  filters?: number;
  /** What follows the 1×1 convolution that a coarser level is merged by: a normalisation, or only a bias. @defaultValue 'bn' */
  merge?: 'bn' | 'bias';
  /** @defaultValue 'legacy' */
  resize?: ResizeMode;
  /** Where heatmaps are normalised: on their own level, or at the finest one's size; the same in inference. @defaultValue 'beforeResize' */
  headNorm?: 'beforeResize' | 'afterResize';
  /** Whether each level predicts heatmaps, which only training needs. @defaultValue true */
  heads?: boolean;
}

export interface GlobalNetOutputs {
  /** The pyramid, coarse to fine: what {@link refineNet} takes. */
  readonly features: readonly SymbolicTensor[];
  /** Each level's heatmaps at the finest level's size, coarse to fine; none without heads. */
  readonly heatmaps: readonly SymbolicTensor[];
}

/** A level's size, [height, width]. */
const sizeOf = ({ shape }: SymbolicTensor): [number, number] => [shape[1]!, shape[2]!];

/**
 * GlobalNet, the pyramid of the Cascaded Pyramid Network (Chen et al. 2018, section 3.2.1). Each level, from the coarsest: a 1×1 convolution of its own
 * map plus the level before, resized and brought through a 1×1 convolution; nothing follows the sum.
 *
 * Levels [N, Hᵢ, Wᵢ, Cᵢ], coarse to fine → features [N, Hᵢ, Wᵢ, filters] and heatmaps [N, H, W, keypoints] of the finest level's size.
 *
 * Follows github.com/chenyilun95/tf-cpn (`merge: 'bias'`) and github.com/GengDavid/pytorch-cpn (`resize: 'alignCorners', headNorm: 'afterResize'`).
 * Normalisations have PyTorch's epsilon, where tf-cpn has 1e-9. Layer names: `laterals`, `upsamples`, `predict`.
 *
 * @throws RangeError when there are no levels, or no keypoints.
 * @example
 * const { features, heatmaps } = globalNet({ keypoints: 17 })([c5, c4, c3, c2], 'global_net');
 */
export function globalNet(options: GlobalNetOptions): Block<readonly SymbolicTensor[], GlobalNetOutputs> {
  const {
    keypoints,
    filters = 256,
    merge = 'bn',
    resize = 'legacy',
    headNorm = 'beforeResize',
    heads = true,
  } = knownOptions('globalNet', options, ['keypoints', 'filters', 'merge', 'resize', 'headNorm', 'heads']);
  if (!Number.isInteger(keypoints) || keypoints < 1) {
    throw new RangeError(`globalNet: keypoints must be a positive integer. Received: ${keypoints}.`);
  }
  const lateral = chain([conv({ filters, kernelSize: 1 }), batchNorm(), relu()]);
  return (levels, name) => {
    if (levels.length === 0) throw new RangeError(`${name}: GlobalNet must have one level or more. Received: none.`);
    const features: SymbolicTensor[] = [];
    for (const [i, level] of levels.entries()) {
      const own = lateral(level, join(name, `laterals.${i}`));
      const coarser = features.at(-1);
      if (!coarser) {
        features.push(own);
        continue;
      }
      const up = chain([
        resizeBilinear({ size: sizeOf(own), mode: resize }),
        conv({ filters, kernelSize: 1, useBias: merge === 'bias' }),
        ...(merge === 'bn' ? [batchNorm()] : []),
      ]);
      features.push(sum([own, up(coarser, join(name, `upsamples.${i - 1}`))], join(name, `merge.${i - 1}`)));
    }
    if (!heads) return { features, heatmaps: [] };
    const enlarge: Block = (x, at) =>
      resizeBilinear({ size: sizeOf(features.at(-1)!), mode: resize })(x, join(at, 'resize'));
    const normalise: Block = (x, at) => batchNorm()(x, join(at, 4));
    const predict = pipe(
      chain([conv({ filters, kernelSize: 1 }), batchNorm(), relu(), conv({ filters: keypoints, kernelSize: 3 })]),
      ...(headNorm === 'beforeResize' ? [normalise, enlarge] : [enlarge, normalise]),
    );
    return { features, heatmaps: features.map((x, i) => predict(x, join(name, `predict.${i}`))) };
  };
}
