import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import {
  apply,
  batchNorm,
  bottleneck,
  chain,
  channels,
  conv,
  identity,
  join,
  resizeBilinear,
  stage,
  type Block,
  type ResizeMode,
} from '../blocks';

/** Options of {@link refineNet}. */
export interface RefineNetOptions {
  /** Number of heatmaps, one per keypoint. */
  keypoints: number;
  /** Shortcut of the bottlenecks where the shapes agree: the identity, or a 1×1 convolution and normalisation. @defaultValue 'projection' */
  shortcut?: 'projection' | 'identity';
  /** Convention of the bilinear resizing. @defaultValue 'legacy' */
  resize?: ResizeMode;
  /** Order of the levels in the concatenation; the weights depend on it. @defaultValue 'coarseFirst' */
  concat?: 'coarseFirst' | 'fineFirst';
}

/**
 * The bottleneck of RefineNet: 1×1 to half the filters → 3×3 → 1×1, an expansion of 2 where ResNet uses 4. [N, H, W, C] → [N, H, W, filters].
 *
 * @throws RangeError when `filters` is not even and positive.
 * @example refineBottleneck({ filters: 256 })(x, 'refine.0')
 */
export function refineBottleneck({
  filters,
  shortcut = 'projection',
}: {
  filters: number;
  shortcut?: RefineNetOptions['shortcut'];
}): Block {
  if (!(Number.isInteger(filters / 2) && filters > 0)) {
    throw new RangeError(`refineBottleneck: filters must be even and positive. Received: ${filters}.`);
  }
  return bottleneck({ filters: filters / 2, expansion: 2, alwaysProject: shortcut === 'projection' });
}

/**
 * RefineNet, the second part of the Cascaded Pyramid Network (Chen et al. 2018, section 3.2.2): level i from the finest passes through i bottlenecks
 * (0, 1, …), all levels are resized to the finest and concatenated, and one more bottleneck predicts.
 *
 * Levels [N, Hᵢ, Wᵢ, C], coarse to fine: the features of {@link globalNet} → heatmaps [N, H, W, keypoints] of the finest level's size, without sigmoid.
 *
 * github.com/chenyilun95/tf-cpn uses identity shortcuts; github.com/GengDavid/pytorch-cpn and the paper's counts use projections. tf-cpn concatenates
 * fine levels first, the port coarse levels first. Layer names: `cascade`, `final_predict`.
 *
 * @throws RangeError when there are no levels, or no keypoints.
 * @example const heatmaps = refineNet({ keypoints: 17 })(features, 'refine_net');
 */
export function refineNet(options: RefineNetOptions): Block<readonly SymbolicTensor[], SymbolicTensor> {
  const {
    keypoints,
    shortcut = 'projection',
    resize = 'legacy',
    concat = 'coarseFirst',
  } = knownOptions('refineNet', options, ['keypoints', 'shortcut', 'resize', 'concat']);
  if (!Number.isInteger(keypoints) || keypoints < 1) {
    throw new RangeError(`refineNet: keypoints must be a positive integer. Received: ${keypoints}.`);
  }
  return (levels, name) => {
    const finest = levels.at(-1);
    if (!finest) throw new RangeError(`${name}: RefineNet must have one level or more. Received: none.`);
    const filters = channels(finest);
    const enlarge = resizeBilinear({ size: [finest.shape[1]!, finest.shape[2]!], mode: resize });
    const parts = levels.map((level, i) => {
      const at = join(name, `cascade.${i}`);
      const depth = levels.length - 1 - i;
      const refine = depth === 0 ? identity() : stage(() => refineBottleneck({ filters, shortcut }), { depth });
      return enlarge(refine(level, at), join(at, 'resize'));
    });
    if (concat === 'fineFirst') parts.reverse();
    const together =
      parts.length === 1 ? parts[0]! : apply(layers.concatenate({ axis: -1, name: join(name, 'concat') }), parts);
    return chain([refineBottleneck({ filters }), conv({ filters: keypoints, kernelSize: 3 }), batchNorm()])(
      together,
      join(name, 'final_predict'),
    );
  };
}
