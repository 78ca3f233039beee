import { join, type Block } from './block';
import { conv, sum } from './layers';
import { preActivation, type HourglassBlockOptions } from './pre-activation';
import { separableConv } from './separable';

/**
 * A multi-dilated residual (Kim and Lee, "Lightweight Stacked Hourglass Network for Human Pose Estimation", 2020): parallel 3×3 convolutions of
 * different dilations, summed, replace the 3×3 of the bottleneck, so that one block sees several scales. [N, H, W, C] → [N, H, W, filters].
 *
 * No implementation was published. This one is inferred from the text: pre-activation, half the filters in the middle, a sum of the branches.
 * `light` (the paper's block) makes each branch depthwise-separable. Dense branches cause what paper 002 calls a significant increase in parameters.
 *
 * @throws RangeError when a dilation is not a positive integer.
 * @example multiDilated({ filters: 256, light: true })(x, 'layer3.0')
 */
export function multiDilated({
  filters,
  dilations = [1, 2, 3],
  light = false,
}: HourglassBlockOptions & {
  /** Dilations, one per branch. @defaultValue [1, 2, 3] */
  dilations?: readonly number[];
  /** Depthwise-separable branches. @defaultValue false */
  light?: boolean;
}): Block {
  if (dilations.length === 0 || !dilations.every((rate) => Number.isInteger(rate) && rate > 0)) {
    throw new RangeError(`multiDilated: dilations must be positive integers. Received: [${dilations.join(', ')}].`);
  }
  const half = filters / 2;
  const branch = (dilation: number): Block =>
    light
      ? separableConv({ filters: half, dilation })
      : conv({ filters: half, kernelSize: 3, dilation, useBias: true });
  const branches: Block = (x, name) =>
    sum(
      dilations.map((dilation, i) => branch(dilation)(x, join(name, i))),
      join(name, 'sum'),
    );
  return preActivation([
    conv({ filters: half, kernelSize: 1, useBias: true }),
    branches,
    conv({ filters, kernelSize: 1, useBias: true }),
  ]);
}
