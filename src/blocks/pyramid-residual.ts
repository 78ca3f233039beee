import { batchNorm } from './batch-norm';
import { chain, channels, join, type Block } from './block';
import { fractionalMaxPool } from './fractional-max-pool';
import { conv, relu, sum } from './layers';
import type { HourglassBlockOptions } from './pre-activation';
import { resizeBilinear } from './resize-bilinear';

/** Options of {@link pyranetResidual}. */
export interface PyraNetResidualOptions extends HourglassBlockOptions {
  /** Projects the skip even where the channels do not change. @defaultValue false */
  project?: boolean;
}

/** Options of {@link pyramidResidualModule}. */
export interface PyramidResidualOptions extends PyraNetResidualOptions {
  /** The pyramid has `filters / baseWidth` channels, rounded down. @defaultValue 9 */
  baseWidth?: number;
  /** Levels of the pyramid. @defaultValue 4 */
  cardinality?: number;
  /** Starts both branches with a normalisation and a ReLU. Use `false` directly after a stem that ends with them. @defaultValue true */
  preActivation?: boolean;
  /** Phase of the pooling. @defaultValue 0.5 */
  phase?: number;
  /** Seed of the pooling in training; see {@link fractionalMaxPool}. Each level draws from a seed of its own. @defaultValue null */
  seed?: number | null;
}

const biased = (filters: number, kernelSize: number): Block => conv({ filters, kernelSize, useBias: true });
const activated = (): Block[] => [batchNorm(), relu()];

/** The skip of PyraNet: the input, or its BN → ReLU → 1×1. bearpaw's hourglass projects the raw input. */
function withSkip(body: Block, { filters, project = false }: PyraNetResidualOptions): Block {
  const skip = chain([...activated(), biased(filters, 1)]);
  return (x, name) =>
    sum([body(x, name), channels(x) === filters && !project ? x : skip(x, join(name, 'skip'))], join(name, 'sum'));
}

/**
 * The pyramid residual module PRM-B (Yang et al., "Learning Feature Pyramids for Human Pose Estimation", 2017, figure 4b; arXiv:1708.01101):
 * a bottleneck beside a pyramid of `cardinality` fractional poolings by 2^(−i/C), each convolved and resized back. Their sum is added to the bottleneck before the
 * last 1×1. [N, H, W, C] → [N, H, W, filters].
 *
 * ```
 * x ┬ BN ReLU 1×1 BN ReLU 3×3 ─────────────────────────────────────┬ + ─ BN ReLU 1×1 ┬ + ─▶
 *   ├ BN ReLU 1×1 BN ReLU ─ Σᵢ (pool ─ 3×3 ─ resize) ─ BN ReLU 1×1 ┘                 │
 *   └ x, or BN ReLU 1×1 ─────────────────────────────────────────────────────────────┘
 * ```
 *
 * Equal to github.com/bearpaw/PyraNet (Torch) and AlphaPose's port with a fixed phase in place of the random one. That port's ratios 1 / 2^(1/C)^i drop below
 * ½ by rounding for some C and lose a row; here they are 2^(−i/C). main, reduce, pyra, expand, out and skip are one module each there.
 *
 * @throws RangeError when filters are odd or fewer than the base width, or a count is not a positive integer.
 * @example pyramidResidualModule({ filters: 256 })(x, 'r5')
 */
export function pyramidResidualModule(options: PyramidResidualOptions): Block {
  const { filters, baseWidth = 9, cardinality = 4, preActivation = true, phase = 0.5, seed = null } = options;
  const width = Math.floor(filters / baseWidth);
  if (!Number.isInteger(cardinality) || cardinality < 1 || !(filters % 2 === 0 && width >= 1)) {
    throw new RangeError(
      `pyramidResidualModule: filters must be even and at least baseWidth, cardinality a positive integer. Received: filters=${filters}, baseWidth=${baseWidth}, cardinality=${cardinality}.`,
    );
  }
  const half = filters / 2;
  const lead = preActivation ? activated() : [];
  const main = chain([...lead, biased(half, 1), ...activated(), biased(half, 3)]);
  const reduce = chain([...lead, biased(width, 1), ...activated()]);
  const expand = chain([...activated(), biased(half, 1)]);
  const out = chain([...activated(), biased(filters, 1)]);
  const body: Block = (x, name) => {
    const reduced = reduce(x, join(name, 'reduce'));
    const [, height, columns] = x.shape as [null, number, number];
    const levels = Array.from({ length: cardinality }, (_, i) => {
      const at = join(join(name, 'pyra'), i);
      const ratio = 2 ** (-(i + 1) / cardinality);
      const own = seed === null ? null : seed * cardinality + i;
      const pooled = fractionalMaxPool({ ratio, phase, seed: own })(reduced, join(at, 'pool'));
      const size = [height, columns] as const;
      return resizeBilinear({ size, mode: 'alignCorners' })(biased(width, 3)(pooled, at), join(at, 'resize'));
    });
    const pyramid = expand(sum(levels, join(name, 'pyra.add')), join(name, 'expand'));
    return out(sum([main(x, join(name, 'main')), pyramid], join(name, 'out.add')), join(name, 'out'));
  };
  return withSkip(body, options);
}

/**
 * PyraNet's residual without a pyramid, for its smallest maps: BN ReLU 1×1 → BN ReLU 3×3 → BN ReLU 1×1. [N, H, W, C] → [N, H, W, filters].
 * Differs from {@link preActivationBottleneck} in the projected skip, which is activated first.
 *
 * @example pyranetResidual({ filters: 256 })(x, 'hg.0')
 */
export function pyranetResidual(options: PyraNetResidualOptions): Block {
  const half = options.filters / 2;
  const main = chain([
    ...activated(),
    biased(half, 1),
    ...activated(),
    biased(half, 3),
    ...activated(),
    biased(options.filters, 1),
  ]);
  return withSkip((x, name) => main(x, join(name, 'main')), options);
}
