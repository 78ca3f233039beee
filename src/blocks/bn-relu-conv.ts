import { batchNorm } from './batch-norm';
import { chain, channels, join, type Block } from './block';
import { conv, relu, sum, type ConvOptions } from './layers';
import type { HourglassBlockOptions } from './pre-activation';

/**
 * BN → ReLU → convolution with bias; the normalisation acts on the input.
 *
 * @example bnReluConv({ filters: 64, kernelSize: 3 })(x, 'conv1')
 */
export function bnReluConv(options: ConvOptions): Block {
  return chain({ bn: batchNorm(), relu: relu(), conv: conv({ useBias: true, ...options }) });
}

/**
 * The residual of Naman Jain's PyTorch hourglass, which paper 001 trains: {@link preActivationBottleneck} with the layer names of that code
 * (`cb.cbr1.bn`, `cb.cbr1.conv`, …, `skip.conv`). [N, H, W, C] → [N, H, W, filters].
 *
 * @example bnReluConvResidual({ filters: 256 })(x, 'residual')
 */
export function bnReluConvResidual({ filters }: HourglassBlockOptions): Block {
  const body = chain({
    cbr1: bnReluConv({ filters: filters / 2, kernelSize: 1 }),
    cbr2: bnReluConv({ filters: filters / 2, kernelSize: 3 }),
    cbr3: bnReluConv({ filters, kernelSize: 1 }),
  });
  const skip = chain({ conv: conv({ filters, kernelSize: 1, useBias: true }) });
  return (x, name) =>
    sum([body(x, join(name, 'cb')), channels(x) === filters ? x : skip(x, join(name, 'skip'))], join(name, 'add'));
}
