import { layers, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import {
  apply,
  bearpawStem,
  chain,
  conv,
  hourglass,
  join,
  multiDilated,
  namanStem,
  patchifyStem,
  preActivationBottleneck,
  princetonStem,
  reducedStem,
  separableBottleneck,
  sum,
  twoRegular,
  twoSeparable,
  type Block,
  type BlockFactory,
  type HourglassBlockOptions,
  type HourglassStemOptions,
} from '../blocks';
import { requireVariant } from './backbones/backbone';
import { buildNetwork, type NetworkOptions } from './build';
import { BEARPAW, NAMAN, unused, type HourglassStyle } from './hourglass-style';

/** The residuals of {@link stackedHourglass} by name; all but the first come from paper 002. */
export type HourglassBlockName =
  | 'bottleneck'
  | 'dilated'
  | 'no-skip'
  | 'separable-3x3'
  | 'separable-all'
  | 'two-separable'
  | 'two-separable-grouped'
  | 'two-separable-dilated'
  | 'two-separable-grouped-dilated'
  | 'two-regular'
  | 'multi-dilated';

/** The stems, by name: an image becomes a map of a quarter of its size. */
export type HourglassStemName = 'bearpaw' | 'princeton' | 'naman' | 'reduced' | 'patchify';

const BLOCKS: Readonly<Record<HourglassBlockName, BlockFactory<HourglassBlockOptions>>> = {
  bottleneck: preActivationBottleneck,
  dilated: ({ filters }) => preActivationBottleneck({ filters, dilation: 2 }),
  'no-skip': ({ filters }) => preActivationBottleneck({ filters, skip: false }),
  'separable-3x3': ({ filters }) => separableBottleneck({ filters, replace: '3x3' }),
  'separable-all': ({ filters }) => separableBottleneck({ filters, replace: 'all' }),
  'two-separable': ({ filters }) => twoSeparable({ filters }),
  'two-separable-grouped': ({ filters }) => twoSeparable({ filters, grouping: 'gcd' }),
  'two-separable-dilated': ({ filters }) => twoSeparable({ filters, dilation: 2 }),
  'two-separable-grouped-dilated': ({ filters }) => twoSeparable({ filters, grouping: 'gcd', dilation: 2 }),
  'two-regular': ({ filters }) => twoRegular({ filters }),
  'multi-dilated': ({ filters }) => multiDilated({ filters }),
};

interface Stem {
  stem: (options: Required<Pick<HourglassStemOptions, 'filters' | 'block'>>) => Block;
  style: HourglassStyle;
}

const STEMS: Readonly<Record<HourglassStemName, Stem>> = {
  bearpaw: { stem: bearpawStem, style: BEARPAW },
  princeton: { stem: princetonStem, style: BEARPAW },
  patchify: { stem: patchifyStem, style: BEARPAW },
  naman: { stem: namanStem, style: NAMAN },
  reduced: { stem: ({ filters }) => reducedStem({ filters }), style: NAMAN },
};

/** Options of {@link stackedHourglass}. */
export interface StackedHourglassOptions extends NetworkOptions {
  /** Number of hourglasses; each outputs heatmaps. @defaultValue 2 */
  stacks?: number;
  /** Residuals at each position. @defaultValue 1; 2 with the stems 'naman' and 'reduced', as in paper 001 */
  blocks?: number;
  /** How many times an hourglass halves its map. @defaultValue 4 */
  depth?: number;
  /** Channels of all maps. @defaultValue 256 */
  filters?: number;
  /** Residual block, by name or your own, used everywhere including the stem ('reduced' has no residuals). @defaultValue 'bottleneck' */
  block?: HourglassBlockName | BlockFactory<HourglassBlockOptions>;
  /** Stem, by name or a block from the image to [N, H/4, W/4, filters]. @defaultValue 'bearpaw' */
  stem?: HourglassStemName | Block;
  /** Replaces the last hourglass's output by the sum of all hourglass outputs with these weights (paper 002). @defaultValue none */
  outputWeights?: readonly number[];
  /** Whether the last stack also has the layers that feed a next stack, without effect. @defaultValue as the stem's reference implementation */
  remapLast?: boolean;
}

/** Σ wᵢ · hourglassᵢ */
function weighted(xs: readonly SymbolicTensor[], weights: readonly number[], name: string): SymbolicTensor {
  const scaled = xs.map((x, i) => apply(layers.rescaling({ scale: weights[i]!, name: join(name, i) }), x));
  return sum(scaled, join(name, 'sum'));
}

/**
 * Stacked hourglasses with intermediate supervision (Newell, Yang and Deng, "Stacked Hourglass Networks for Human Pose Estimation", 2016).
 * [N, H, W, 3] → `stacks` outputs [N, H/4, W/4, keypoints]; a loss is the sum over them.
 *
 * With the default stem, equal to Wei Yang's PyTorch port ("bearpaw"); with 'naman', to Naman Jain's, on which paper 001 is based; layer names included.
 * The weighted sum of paper 002 is an interpretation: the paper gives only its weights.
 *
 * @throws RangeError for an unknown block or stem, a count that is not positive, a size not divisible by 4 · 2^depth, or another number of weights than stacks.
 * @example const network = stackedHourglass({ stacks: 2, block: 'bottleneck', inputShape: [256, 256, 3], keypoints: 16 });
 */
export function stackedHourglass(options: StackedHourglassOptions = {}): LayersModel {
  const {
    inputShape = [256, 256, 3],
    keypoints = 16,
    stacks = 2,
    depth = 4,
    filters = 256,
    block = 'bottleneck',
    stem = 'bearpaw',
    outputWeights,
    initialization = 'torch',
    seed = 0,
    ...others
  } = knownOptions('stackedHourglass', options, [
    'inputShape',
    'keypoints',
    'stacks',
    'depth',
    'filters',
    'block',
    'stem',
    'outputWeights',
    'initialization',
    'seed',
    'blocks',
    'remapLast',
  ]);
  if (typeof block === 'string') requireVariant('stackedHourglass', block, BLOCKS, 'block');
  if (typeof stem === 'string') requireVariant('stackedHourglass', stem, STEMS, 'stem');
  const { stem: makeStem, style } = typeof stem === 'string' ? STEMS[stem] : { stem: () => stem, style: BEARPAW };
  const { blocks = style.blocks, remapLast = style.remapLast } = others;
  for (const [name, value] of Object.entries({ stacks, blocks, depth, filters })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`stackedHourglass: ${name} must be a positive integer. Received: ${value}.`);
    }
  }
  if (filters % 4 !== 0)
    throw new RangeError(`stackedHourglass: filters must be divisible by 4. Received: ${filters}.`);
  if (outputWeights && outputWeights.length !== stacks) {
    throw new RangeError(
      `stackedHourglass: outputWeights must be one per stack. Received: [${outputWeights.join(', ')}] for ${stacks} stacks.`,
    );
  }
  const named = block === 'bottleneck' ? style.bottleneck : typeof block === 'string' ? BLOCKS[block] : block;
  const residuals = chain(Array.from({ length: blocks }, () => named({ filters })));
  const pointwise = (count: number): Block => conv({ filters: count, kernelSize: 1, useBias: true });
  const { keys } = style;

  const network: Block<SymbolicTensor, SymbolicTensor[]> = (image, root) => {
    const at = (key: string, i: number): string => join(join(root, key), i);
    let x = makeStem({ filters, block: named })(image, root);
    const outputs: SymbolicTensor[] = [];
    const heatmaps: SymbolicTensor[] = [];
    for (let i = 0; i < stacks; i++) {
      const last = i === stacks - 1;
      outputs.push(hourglass({ depth, block: residuals, names: style.names })(x, at(keys.hourglass, i)));
      let y = last && outputWeights ? weighted(outputs, outputWeights, join(root, 'weighted')) : outputs[i]!;
      y = style.features(filters)(residuals(y, at(keys.residual, i)), at(keys.features, i));
      const heatmap = pointwise(keypoints)(y, at(keys.heatmaps, i));
      heatmaps.push(heatmap);
      if (last && !remapLast) continue;
      const remapped = [
        pointwise(filters)(y, at(keys.remapFeatures, i)),
        pointwise(filters)(heatmap, at(keys.remapHeatmaps, i)),
      ];
      if (last) heatmaps[i] = unused(heatmap, remapped, join(root, 'unused'));
      else x = sum([x, ...remapped], at('stack', i));
    }
    return heatmaps;
  };
  return buildNetwork('stacked-hourglass', network, {
    inputShape,
    keypoints,
    initialization,
    seed,
    multiple: 4 * 2 ** depth,
  });
}
