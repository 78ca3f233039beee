import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { batchNorm } from './batch-norm';
import { chain, channels, join, type Block, type BlockFactory } from './block';
import { basicBlock } from './bottleneck';
import { conv, relu, sum } from './layers';
import type { ResidualOptions } from './residual';
import { stage } from './stage';
import { upsample } from './upsample';

/** Feature maps of one image, finest first; each has half the height and width of the one before. */
export type Branches = readonly SymbolicTensor[];

const convBn = (filters: number, kernelSize: number, strides = 1): Block[] => [
  conv({ filters, kernelSize, strides }),
  batchNorm(),
];

/** Downsamples by 2 `times` times; the last convolution changes the channels. */
const downsample = (filters: number, times: number): Block => {
  const step: Block = (x, name) => chain([...convBn(channels(x), 3, 2), relu()])(x, name);
  const last = chain(convBn(filters, 3, 2));
  return chain([...Array.from({ length: times - 1 }, () => step), last]);
};

/**
 * HRNet's exchange unit: each output branch is the ReLU of the sum of all branches, resized to its size and channels. Larger maps are reduced by 3×3
 * convolutions with stride 2, smaller ones enlarged by a 1×1 convolution and nearest neighbours.
 *
 * @example const [high, low] = exchange()([a, b], 'stage2.0.fuse_layers'); // [N, 64, 48, 32] and [N, 32, 24, 64]
 */
export function exchange({
  outputs,
}: {
  /** Number of output branches, from the finest. @defaultValue all */
  outputs?: number;
} = {}): Block<Branches> {
  return (branches, name) =>
    branches.slice(0, outputs ?? branches.length).map((target, i) => {
      const paths = branches.map((x, j) => {
        const at = join(name, `${i}.${j}`);
        if (j === i) return x;
        if (j < i) return downsample(channels(target), i - j)(x, at);
        return chain([...convBn(channels(target), 1), upsample({ size: 2 ** (j - i) })])(x, at);
      });
      return relu()(sum(paths, join(name, `${i}.sum`)), join(name, `${i}.relu`));
    });
}

/** Options of {@link highResolutionModule}. */
export interface HighResolutionModuleOptions {
  /** Residual blocks in each branch. @defaultValue 4 */
  depth?: number;
  /** The residual. @defaultValue {@link basicBlock} */
  block?: BlockFactory<ResidualOptions>;
  /** Number of output branches, from the finest. @defaultValue all */
  outputs?: number;
}

/**
 * A module of HRNet (Sun et al. 2019, section 3): residual blocks in parallel at each resolution (`branches.i`), then an exchange unit (`fuse_layers`).
 *
 * @example highResolutionModule({ depth: 4 })([high, low], 'stage2.0')
 */
export function highResolutionModule({
  depth = 4,
  block = basicBlock,
  outputs,
}: HighResolutionModuleOptions = {}): Block<Branches> {
  return (branches, name) => {
    const parallel = branches.map((x, i) =>
      stage(block, { filters: channels(x), depth })(x, join(name, `branches.${i}`)),
    );
    return exchange(outputs === undefined ? {} : { outputs })(parallel, join(name, 'fuse_layers'));
  };
}

/**
 * The transition between HRNet's stages: changes the channels of each branch (3×3, where they differ), and makes each new branch from the last one by a
 * 3×3 convolution with stride 2.
 *
 * @param filters of each branch after it, from the finest
 * @example const three = transition([32, 64, 128])([a, b], 'transition2');
 */
export function transition(filters: readonly number[]): Block<Branches> {
  return (branches, name) =>
    filters.map((count, i) => {
      const at = join(name, i);
      const x = branches[i];
      if (x === undefined) return chain([chain([...convBn(count, 3, 2), relu()])])(branches.at(-1)!, at);
      return channels(x) === count ? x : chain([...convBn(count, 3), relu()])(x, at);
    });
}
