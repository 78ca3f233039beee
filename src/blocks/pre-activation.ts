import { batchNorm } from './batch-norm';
import { chain, type Block } from './block';
import { conv, relu } from './layers';
import { noActivation, residual } from './residual';
import { separableConv, type SeparableConvOptions } from './separable';

/** Options that every hourglass block takes. Further options belong to each design. */
export interface HourglassBlockOptions {
  /** Output channels. */
  filters: number;
}

/** BN → ReLU → convolution, for each of the convolutions, named `bn1, relu1, conv1, bn2, …`. */
function preActivated(convolutions: readonly Block[]): Block {
  return chain(
    Object.fromEntries(
      convolutions.flatMap((convolution, i) => [
        [`bn${i + 1}`, batchNorm()],
        [`relu${i + 1}`, relu()],
        [`conv${i + 1}`, convolution],
      ]),
    ),
  );
}

/** The skip of pre-activation residuals: the raw input, or its 1×1 convolution with bias and without normalisation. */
const project = ({ filters }: { filters: number }): Block => chain([conv({ filters, kernelSize: 1, useBias: true })]);

/**
 * x + body(x), where the body is BN → ReLU → convolution repeated (He et al. 2016, "Identity Mappings"). [N, H, W, C] → [N, H, W, filters].
 * The skip takes the raw input, or its 1×1 convolution (`downsample.0`) where the channels change. No activation follows the sum.
 *
 * @example preActivation([conv({ filters: 64, kernelSize: 1, useBias: true }), conv({ filters: 128, kernelSize: 3, useBias: true })])
 */
export function preActivation(convolutions: readonly Block[], { skip = true }: { skip?: boolean } = {}): Block {
  const body = preActivated(convolutions);
  return skip ? residual(body, { project, activation: noActivation }) : body;
}

const biased = (filters: number, kernelSize: number, dilation = 1): Block =>
  conv({ filters, kernelSize, dilation, useBias: true });

/**
 * The bottleneck of stacked hourglasses (Newell et al. 2016, figure 4; the PyTorch port of Wei Yang, "bearpaw"):
 * 1×1 to half the filters → 3×3 → 1×1, pre-activation, with biases. [N, H, W, C] → [N, H, W, filters].
 *
 * @example preActivationBottleneck({ filters: 256 })(x, 'layer3.0')
 */
export function preActivationBottleneck({
  filters,
  dilation = 1,
  skip = true,
}: HourglassBlockOptions & {
  /** Dilation of the 3×3 convolution. @defaultValue 1 */
  dilation?: number;
  /** `false` omits the sum and its projection. @defaultValue true */
  skip?: boolean;
}): Block {
  const half = filters / 2;
  return preActivation([biased(half, 1), biased(half, 3, dilation), biased(filters, 1)], { skip });
}

/**
 * {@link preActivationBottleneck} with depthwise-separable convolutions in place of all three, or of the 3×3 only.
 *
 * @example separableBottleneck({ filters: 256, replace: '3x3' })(x, 'hg.0')
 */
export function separableBottleneck({
  filters,
  replace = 'all',
  bias = 'both',
}: HourglassBlockOptions & { replace?: 'all' | '3x3'; bias?: SeparableConvOptions['bias'] }): Block {
  const half = filters / 2;
  const middle = separableConv({ filters: half, bias });
  return preActivation(
    replace === 'all'
      ? [separableConv({ filters: half, bias }), middle, separableConv({ filters, bias })]
      : [biased(half, 1), middle, biased(filters, 1)],
  );
}

/**
 * Two depthwise-separable 3×3 convolutions, to half the filters and back. `grouping: 'gcd'` is the structure whose parameter count paper 002 prints;
 * `dilation` applies to the second convolution.
 *
 * @example twoSeparable({ filters: 256 })(x, 'hg.0')
 */
export function twoSeparable({
  filters,
  grouping = 'channel',
  dilation = 1,
}: HourglassBlockOptions & Pick<SeparableConvOptions, 'grouping' | 'dilation'>): Block {
  return preActivation([separableConv({ filters: filters / 2, grouping }), separableConv({ filters, dilation })]);
}

/**
 * Two regular 3×3 convolutions, to half the filters and back.
 *
 * @example twoRegular({ filters: 256 })(x, 'hg.0')
 */
export function twoRegular({ filters }: HourglassBlockOptions): Block {
  return preActivation([biased(filters / 2, 3), biased(filters, 3)]);
}
