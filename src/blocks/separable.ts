import { knownOptions } from '../bytes';
import { chain, channels, type Block } from './block';
import { conv, depthwiseConv } from './layers';

/** Options of {@link separableConv}. */
export interface SeparableConvOptions {
  /** Output channels. */
  filters: number;
  /** Kernel size of the depthwise part. @defaultValue 3 */
  kernelSize?: number;
  /** Dilation of the depthwise part. @defaultValue 1 */
  dilation?: number;
  /** Which of the two parts have a bias. @defaultValue 'both' */
  bias?: 'both' | 'pointwise' | 'none';
  /**
   * Groups of the spatial part: each input channel (`'channel'`), or the greatest common divisor of input channels and filters (`'gcd'`),
   * in which case it already changes the number of channels. @defaultValue 'channel'
   */
  grouping?: 'channel' | 'gcd';
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/**
 * A depthwise-separable convolution (Sifre 2014; Howard et al. 2017): a spatial convolution of each channel (`dw`), then a 1×1 over all (`pw`), with
 * nothing between them. [N, H, W, C] → [N, H, W, filters].
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example separableConv({ filters: 128 })(x, 'layer1.0.conv2')
 */
export function separableConv(options: SeparableConvOptions): Block {
  const {
    filters,
    kernelSize = 3,
    dilation = 1,
    bias = 'both',
    grouping = 'channel',
  } = knownOptions('separableConv', options, ['filters', 'kernelSize', 'dilation', 'bias', 'grouping']);
  return (x, name) => {
    const spatial = { kernelSize, dilation, useBias: bias === 'both' };
    const inputs = channels(x);
    const byChannel = grouping === 'channel' || inputs === filters;
    return chain({
      dw: byChannel
        ? depthwiseConv(spatial)
        : conv({ ...spatial, filters, groups: greatestCommonDivisor(inputs, filters) }),
      pw: conv({ filters, kernelSize: 1, useBias: bias !== 'none' }),
    })(x, name);
  };
}
