import { layers, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { knownOptions } from '../bytes';
import {
  apply,
  basicBlock,
  batchNorm,
  chain,
  channels,
  conv,
  join,
  relu,
  stage,
  sum,
  upsample,
  type Block,
} from '../blocks';
import { requireVariant } from './backbones/backbone';
import { buildNetwork, type NetworkOptions } from './build';
import { unused } from './hourglass-style';

/** Law and Deng, "CornerNet: Detecting Objects as Paired Keypoints", 2018 (arXiv:1808.01244), section 3.5, by their total number of layers. */
export const HOURGLASS_NET = {
  'hourglass-52': { stacks: 1 },
  'hourglass-104': { stacks: 2 },
} as const;

/** Depths of MMPose's hourglass. */
export type HourglassNetVariant = keyof typeof HOURGLASS_NET;

/** Options of {@link hourglassNet}. */
export interface HourglassNetOptions extends NetworkOptions {
  /** Number of hourglasses; each outputs heatmaps. @defaultValue the variant's */
  stacks?: number;
  /** Channels at each resolution, finest first. Their number is one more than the number of halvings. @defaultValue [256, 256, 384, 384, 384, 512] */
  widths?: readonly number[];
  /** Number of residuals at each resolution. @defaultValue [2, 2, 2, 2, 2, 4] */
  depths?: readonly number[];
  /** Channels of each hourglass's output. @defaultValue 256 */
  features?: number;
}

/** MMCV's `ConvModule`: convolution, normalisation and, where `active`, ReLU. */
const convModule = (filters: number, kernelSize: number, strides = 1, active = true): Block =>
  chain({ conv: conv({ filters, kernelSize, strides }), bn: batchNorm(), ...(active && { activate: relu() }) });

const residuals = (filters: number, depth: number, strides = 1): Block =>
  stage(basicBlock, { filters, depth, strides });

/** Residuals, the last of which changes the channels. */
const changingLast =
  (filters: number, depth: number): Block =>
  (x, name) =>
    chain(Array.from({ length: depth }, (_, i) => basicBlock({ filters: i === depth - 1 ? filters : channels(x) })))(x, name); // prettier-ignore

/** One hourglass from level `i` on: a residual with stride 2 halves the map, where Newell et al. pool. */
const level =
  (widths: readonly number[], depths: readonly number[], i = 0): Block =>
  (x, name) => {
    const at = (key: string): string => join(name, key);
    const [width, next, depth] = [widths[i]!, widths[i + 1]!, depths[i]!];
    const skip = residuals(width, depth)(x, at('up1'));
    const down = residuals(next, depth, 2)(x, at('low1'));
    const inner = i + 2 < widths.length ? level(widths, depths, i + 1) : residuals(next, depths[i + 1]!);
    const up = changingLast(width, depth)(inner(down, at('low2')), at('low3'));
    return sum([skip, upsample({ size: 2 })(up, at('up2'))], at('add'));
  };

/**
 * The hourglass of CornerNet, which MMPose calls `HourglassNet`: residual blocks of two 3×3 convolutions throughout, downsampled by strides, with more channels at coarser levels. It differs from
 * {@link stackedHourglass}. [N, H, W, 3] → `stacks` outputs [N, H/4, W/4, keypoints]; the loss is their sum.
 *
 * Follows `HourglassNet` and `TopdownHeatmapMultiStageHead` of github.com/open-mmlab/mmpose, layer names included: its checkpoints load with
 * `{ prefix: ['backbone.', 'keypoint_head.'] }`, those of MMPose 1.x with `{ prefix: ['backbone.', 'head.'] }`. With one stack, MMPose's network has an unused residual, `inters.0`;
 * so has this one, on a single pixel. The stem's widths differ: half of the first and the first of `widths` here, always 128 and 256 in MMPose.
 *
 * @throws RangeError for an unknown variant, a count that is not positive, a size not divisible by 4 · 2^(widths − 1), or another number of depths than widths.
 * @example const network = hourglassNet('hourglass-52', { inputShape: [256, 256, 3], keypoints: 16 });
 */
export function hourglassNet(variant: HourglassNetVariant, options: HourglassNetOptions = {}): LayersModel {
  const {
    inputShape = [256, 256, 3],
    keypoints = 16,
    stacks = HOURGLASS_NET[variant]?.stacks,
    widths = [256, 256, 384, 384, 384, 512],
    depths = [2, 2, 2, 2, 2, 4],
    features = 256,
    initialization = 'gaussian-0.001',
    seed = 0,
  } = knownOptions('hourglassNet', options, ['inputShape', 'keypoints', 'stacks', 'widths', 'depths', 'features', 'initialization', 'seed']); // prettier-ignore
  requireVariant('hourglassNet', variant, HOURGLASS_NET);
  if (![stacks, features, ...widths, ...depths].every((value) => Number.isInteger(value) && value > 0)) {
    throw new RangeError(
      `hourglassNet: stacks, features, widths and depths must be positive integers. Received: ${stacks}, ${features}, [${widths.join(', ')}], [${depths.join(', ')}].`,
    );
  }
  if (widths.length < 2 || widths.length !== depths.length || widths[0]! % 2 !== 0) {
    throw new RangeError(
      `hourglassNet: widths must be at least two, the first even, with one depth per width. Received: [${widths.join(', ')}] and [${depths.join(', ')}].`,
    );
  }
  const [width] = widths as [number];
  const network: Block<SymbolicTensor, SymbolicTensor[]> = (image, root) => {
    const at = (key: string, i: number): string => join(join(root, key), i);
    let x = chain({ stem: chain([convModule(width / 2, 7, 2), residuals(width, 1, 2)]) })(image, root);
    const heatmaps: SymbolicTensor[] = [];
    for (let i = 0; i < stacks; i++) {
      const y = convModule(features, 3)(level(widths, depths)(x, at('hourglass_modules', i)), at('out_convs', i));
      heatmaps.push(conv({ filters: keypoints, kernelSize: 1, useBias: true })(y, at('multi_final_layers', i)));
      if (i === stacks - 1) break;
      const parts = [
        convModule(width, 1, 1, false)(x, at('conv1x1s', i)),
        convModule(width, 1, 1, false)(y, at('remap_convs', i)),
      ];
      x = relu()(sum(parts, at('merge', i)), at('merged', i));
      x = basicBlock({ filters: width })(x, at('inters', i));
    }
    if (stacks === 1) {
      const [, rows, columns] = x.shape as [null, number, number];
      const cropping: [[number, number], [number, number]] = [[0, rows - 1], [0, columns - 1]]; // prettier-ignore
      const pixel = apply(layers.cropping2D({ cropping, name: join(root, 'pixel') }), x);
      heatmaps[0] = unused(
        heatmaps[0]!,
        [basicBlock({ filters: width })(pixel, at('inters', 0))],
        join(root, 'unused'),
      );
    }
    return heatmaps;
  };
  const multiple = 4 * 2 ** (widths.length - 1);
  return buildNetwork(variant, network, { inputShape, keypoints, initialization, seed, multiple });
}
