import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import { batchNorm, chain, conv, join, pipe, relu, resizeBilinear, sum, type Block, type ResizeMode } from '../blocks';

/** Options of {@link globalNet}. */
export interface GlobalNetOptions {
  /** Number of heatmaps, one per keypoint. */
  keypoints: number;
  /** Channels of the pyramid. @defaultValue 256 */
  filters?: number;
  /** What follows the 1×1 convolution of the coarser level: a normalisation, or only a bias. @defaultValue 'bn' */
  merge?: 'bn' | 'bias';
  /** Convention of the bilinear resizing. @defaultValue 'legacy' */
  resize?: ResizeMode;
  /** Where heatmaps are normalised: at the size of their level, or at the finest size; the same in inference. @defaultValue 'beforeResize' */
  headNorm?: 'beforeResize' | 'afterResize';
  /** Whether each level predicts heatmaps. Only training needs them. @defaultValue true */
  heads?: boolean;
}

/** Outputs of {@link globalNet}. */
export interface GlobalNetOutputs {
  /** The pyramid, coarse to fine: the input of {@link refineNet}. */
  readonly features: readonly SymbolicTensor[];
  /** The heatmaps of each level at the finest level's size, coarse to fine; empty without heads. */
  readonly heatmaps: readonly SymbolicTensor[];
}

/** A level's size, [height, width]. */
const sizeOf = ({ shape }: SymbolicTensor): [number, number] => [shape[1]!, shape[2]!];

/**
 * GlobalNet, the pyramid of the Cascaded Pyramid Network (Chen et al. 2018, section 3.2.1). Each level, from the coarsest, is the sum of a 1×1 convolution of
 * its map and the level before, resized and passed through a 1×1 convolution. No activation follows the sum.
 *
 * Levels [N, Hᵢ, Wᵢ, Cᵢ], coarse to fine → features [N, Hᵢ, Wᵢ, filters] and heatmaps [N, H, W, keypoints] at the finest level's size.
 *
 * Follows github.com/chenyilun95/tf-cpn (`merge: 'bias'`) and github.com/GengDavid/pytorch-cpn (`resize: 'alignCorners', headNorm: 'afterResize'`).
 * Normalisations use PyTorch's epsilon; tf-cpn uses 1e-9. Layer names: `laterals`, `upsamples`, `predict`.
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
