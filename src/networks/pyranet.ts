import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import {
  batchNorm,
  chain,
  conv,
  hourglass,
  join,
  maxPool,
  pyramidResidualModule,
  pyranetNames,
  pyranetResidual,
  relu,
  sum,
  type Block,
  type HourglassPart,
} from '../blocks';
import { buildNetwork, type NetworkOptions } from './build';

/** Options of {@link pyranet}. */
export interface PyraNetOptions extends NetworkOptions {
  /** Number of hourglasses; each outputs heatmaps. @defaultValue 8 */
  stacks?: number;
  /** How many times an hourglass halves its map. @defaultValue 4 */
  depth?: number;
  /** Channels of all maps. @defaultValue 256 */
  filters?: number;
  /** The channels of a pyramid are those of its module divided by this, rounded down. @defaultValue 9 */
  baseWidth?: number;
  /** Levels of a pyramid. @defaultValue 4 */
  cardinality?: number;
  /** Phase of the fractional pooling, in [0, 1). @defaultValue 0.5 */
  phase?: number;
  /** Seed of the phases in training, which the original draws at random; null keeps them at `phase`. @defaultValue null */
  poolingSeed?: number | null;
}

/** The first level, counted from the coarsest as 0, at which `part` is a pyramid: from there on the maps are large enough. */
const PYRAMIDS_FROM: Readonly<Record<HourglassPart, number>> = { skip: 1, down: 2, up: 2, bottom: Infinity };

/**
 * PyraNet: stacked hourglasses of pyramid residual modules (Yang, Li, Ouyang, Li and Wang, "Learning Feature Pyramids for Human Pose Estimation", 2017,
 * arXiv:1708.01101), which AlphaPose (RMPE, Fang et al. 2017, arXiv:1612.00137) runs on each person's crop at 320×256. [N, H, W, 3] → `stacks` outputs
 * [N, H/4, W/4, keypoints]; the loss is the sum of their plain mean squared errors.
 *
 * Equal to github.com/bearpaw/PyraNet and the PyTorch port of github.com/MVIG-SJTU/AlphaPose, with a fixed pooling phase: theirs is random at test
 * time as well. There is no residual between an hourglass and its linear layer. RMPE reports the metrics of a stacked hourglass; AlphaPose's defaults
 * (`baseWidth: 6, cardinality: 5, keypoints: 33`, or 9, 5 and 17) are networks other than the one with 28.1 M parameters that is quoted, which is the default here.
 *
 * @throws RangeError when a count is not a positive integer, filters are not divisible by 4, or a size is not divisible by 4 · 2^depth.
 * @example const network = pyranet({ stacks: 2, inputShape: [256, 256, 3], keypoints: 16 });
 */
export function pyranet(options: PyraNetOptions = {}): LayersModel {
  const {
    inputShape = [320, 256, 3],
    keypoints = 17,
    stacks = 8,
    depth = 4,
    filters = 256,
    baseWidth = 9,
    cardinality = 4,
    phase = 0.5,
    poolingSeed = null,
    initialization = 'pyranet',
    seed = 0,
  } = knownOptions('pyranet', options, [
    'inputShape',
    'keypoints',
    'stacks',
    'depth',
    'filters',
    'baseWidth',
    'cardinality',
    'phase',
    'poolingSeed',
    'initialization',
    'seed',
  ]);
  for (const [name, value] of Object.entries({ stacks, depth, filters, baseWidth, cardinality })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`pyranet: ${name} must be a positive integer. Received: ${value}.`);
    }
  }
  if (filters % 4 !== 0) throw new RangeError(`pyranet: filters must be divisible by 4. Received: ${filters}.`);
  let modules = 0;
  const pyramid = (count: number, options: { preActivation?: boolean; project?: boolean } = {}): Block => {
    const own = poolingSeed === null ? null : poolingSeed * 4096 + modules++;
    return pyramidResidualModule({ filters: count, baseWidth, cardinality, phase, seed: own, ...options });
  };
  const at = (part: HourglassPart, level: number): Block => {
    const project = part === 'up';
    return level >= PYRAMIDS_FROM[part] ? pyramid(filters, { project }) : pyranetResidual({ filters, project });
  };
  const pointwise = (count: number): Block => conv({ filters: count, kernelSize: 1, useBias: true });
  const stem = chain({
    conv1: conv({ filters: filters / 4, kernelSize: 7, strides: 2, useBias: true }),
    bn1: batchNorm(),
    relu: relu(),
    r1: pyramid(filters / 2, { preActivation: false }),
    pool: maxPool({ poolSize: 2, strides: 2 }),
    r4: pyramid(filters / 2),
    r5: pyramid(filters),
  });

  const network: Block<SymbolicTensor, SymbolicTensor[]> = (image, root) => {
    const path = (key: string, i: number): string => join(join(root, key), i);
    let x = stem(image, root);
    return Array.from({ length: stacks }, (_, i) => {
      const inside = hourglass({ depth, block: { at }, names: pyranetNames })(x, path('hg', i));
      const features = chain([batchNorm(), relu(), pointwise(filters), batchNorm(), relu()])(inside, path('lin', i));
      const heatmaps = pointwise(keypoints)(features, path('score', i));
      if (i < stacks - 1) {
        const remapped = [
          pointwise(filters)(features, path('fc_', i)),
          pointwise(filters)(heatmaps, path('score_', i)),
        ];
        x = sum([x, ...remapped], path('stack', i));
      }
      return heatmaps;
    });
  };
  return buildNetwork('pyranet', network, { inputShape, keypoints, initialization, seed, multiple: 4 * 2 ** depth });
}
