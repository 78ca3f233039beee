import { chain, type Block } from './block';
import { batchNorm, conv, depthwiseConv, relu } from './layers';
import { residual, type ResidualOptions } from './residual';

const attended = (attention: Block | undefined): Record<string, Block> => (attention ? { att: attention } : {});

/**
 * The lightweight bottleneck of LPN (Zhang et al. 2019, section 3.2): 1×1 → depthwise 3×3 → 1×1, expansion 1, with the attention before the sum.
 * [N, H, W, C] → [N, H/strides, W/strides, filters]. The stride is on the depthwise convolution, as in the official code.
 *
 * @example lightweightBottleneck({ filters: 64, attention: globalContext({ ratio: 1 / 16 }) })(x, 'layer1.0')
 */
export function lightweightBottleneck({ filters, strides = 1, attention }: ResidualOptions): Block {
  const body = chain({
    conv1: conv({ filters, kernelSize: 1 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: depthwiseConv({ kernelSize: 3, strides }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: conv({ filters, kernelSize: 1 }),
    bn3: batchNorm(),
    ...attended(attention),
  });
  return residual(body, { strides });
}

/**
 * The bottleneck of ResNet (He et al. 2016; v1.5 as torchvision, with the stride on the 3×3): 1×1 → 3×3 → 1×1 with four times the channels.
 * [N, H, W, C] → [N, H/strides, W/strides, 4 · filters].
 */
export function bottleneck({ filters, strides = 1, attention }: ResidualOptions): Block {
  const body = chain({
    conv1: conv({ filters, kernelSize: 1 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv({ filters, kernelSize: 3, strides }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: conv({ filters: 4 * filters, kernelSize: 1 }),
    bn3: batchNorm(),
    ...attended(attention),
  });
  return residual(body, { strides });
}

/** The basic block of ResNet-18 and -34, and of HRNet's branches: 3×3 → 3×3. [N, H, W, C] → [N, H/strides, W/strides, filters]. */
export function basicBlock({ filters, strides = 1, attention }: ResidualOptions): Block {
  const body = chain({
    conv1: conv({ filters, kernelSize: 3, strides }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv({ filters, kernelSize: 3 }),
    bn2: batchNorm(),
    ...attended(attention),
  });
  return residual(body, { strides });
}
