import { knownOptions } from '../../bytes';
import {
  basicBlock,
  batchNorm,
  bottleneck,
  chain,
  conv,
  highResolutionModule,
  join,
  relu,
  stage,
  transition,
  type Block,
  type BlockFactory,
  type Branches,
  type ResidualOptions,
} from '../../blocks';
import { feature, type Backbone } from './backbone';

/** Options of {@link highResolutionBackbone}. */
export interface HighResolutionBackboneOptions {
  /** Channels of the finest branch; each further branch has twice as many. */
  width: number;
  /** Modules in stages 2, 3 and 4. @defaultValue [1, 4, 3] */
  modules?: readonly [number, number, number];
  /** Output branches of the last module, from the finest. @defaultValue 4 */
  outputs?: 1 | 2 | 3 | 4;
  /** The residual of the branches. @defaultValue {@link basicBlock} */
  block?: BlockFactory<ResidualOptions>;
}

/**
 * HRNet (Sun et al. 2019) without its head: features at strides 4, 8, 16, 32, computed in parallel. [N, H, W, 3] → `outputs` features.
 * Equal to the official pose code, layer names included.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example highResolutionBackbone({ width: 32, outputs: 1 })
 */
export function highResolutionBackbone(options: HighResolutionBackboneOptions): Backbone {
  const {
    width,
    modules = [1, 4, 3],
    outputs = 4,
    block = basicBlock,
  } = knownOptions('highResolutionBackbone', options, ['width', 'modules', 'outputs', 'block']);
  const widths = [1, 2, 4, 8].map((factor) => width * factor);
  const stem = chain({
    conv1: conv({ filters: 64, kernelSize: 3, strides: 2 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv({ filters: 64, kernelSize: 3, strides: 2 }),
    bn2: batchNorm(),
    relu2: relu(),
    layer1: stage(bottleneck, { filters: 64, depth: 4 }),
  });
  /** Stage n, with n branches, and the transition before it. */
  const resolutions = (n: 2 | 3 | 4): Block<Branches> => {
    const count = modules[n - 2]!;
    return (branches, name) => {
      let xs = transition(widths.slice(0, n))(branches, join(name, `transition${n - 1}`));
      for (let i = 0; i < count; i++) {
        const last = n === 4 && i === count - 1;
        const options = { block, ...(last && { outputs }) };
        xs = highResolutionModule(options)(xs, join(name, `stage${n}.${i}`));
      }
      return xs;
    };
  };
  return {
    children: [
      'conv1',
      'bn1',
      'conv2',
      'bn2',
      'relu',
      'layer1',
      'transition1',
      'stage2',
      'transition2',
      'stage3',
      'transition3',
      'stage4',
    ],
    features: (image, name) => {
      const branches = ([2, 3, 4] as const).reduce<Branches>((xs, n) => resolutions(n)(xs, name), [stem(image, name)]);
      return branches.map((x) => feature(image, x));
    },
  };
}
