import { knownOptions } from '../bytes';
import { batchNorm } from './batch-norm';
import { chain, type Block } from './block';
import { conv, depthwiseConv, relu } from './layers';
import { residual, type ResidualOptions } from './residual';

const attended = (attention: Block | undefined): Record<string, Block> => (attention ? { att: attention } : {});

/**
 * The lightweight bottleneck of LPN (Zhang et al. 2019, section 3.2): 1×1 → depthwise 3×3 → 1×1, expansion 1, with the attention before the sum.
 * [N, H, W, C] → [N, H/strides, W/strides, filters]. The stride is on the depthwise convolution, as in the official code.
 *
 * @throws TypeError for an option that does not exist, with the nearest that does.
 * @example lightweightBottleneck({ filters: 64, attention: globalContext({ ratio: 1 / 16 }) })(x, 'layer1.0')
 */
export function lightweightBottleneck(options: ResidualOptions): Block {
  const { filters, strides = 1, attention } = knownOptions('lightweightBottleneck', options, ['filters', 'strides', 'attention']); // prettier-ignore
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

/** Options of {@link bottleneck}. */
export interface BottleneckOptions extends ResidualOptions {
  /** Which convolution has the stride: `'3x3'` as in torchvision (v1.5), `'1x1'` as in the paper (v1, Caffe, MXNet). @defaultValue '3x3' */
  strideOn?: '1x1' | '3x3';
  /** Dilation of the 3×3 convolution. @defaultValue 1 */
  dilation?: number;
  /** Output channels of the block divided by the channels of its 3×3 convolution. @defaultValue 4 */
  expansion?: number;
  /** The shortcut where the shapes differ. @defaultValue {@link projection} */
  project?: (options: { filters: number; strides: number }) => Block;
  /** Whether the shortcut is also projected where the shapes agree. @defaultValue false */
  alwaysProject?: boolean;
}

/**
 * The bottleneck of ResNet (He et al. 2016): 1×1 → 3×3 → 1×1 with four times as many channels at the end. [N, H, W, C] → [N, H/strides, W/strides, 4 · filters].
 *
 * @example bottleneck({ filters: 256, dilation: 2 })(x, 'layer3.1')
 */
export function bottleneck({
  filters,
  strides = 1,
  attention,
  strideOn = '3x3',
  dilation = 1,
  expansion = 4,
  ...shortcut
}: BottleneckOptions): Block {
  const body = chain({
    conv1: conv({ filters, kernelSize: 1, strides: strideOn === '1x1' ? strides : 1 }),
    bn1: batchNorm(),
    relu1: relu(),
    conv2: conv({ filters, kernelSize: 3, strides: strideOn === '3x3' ? strides : 1, dilation }),
    bn2: batchNorm(),
    relu2: relu(),
    conv3: conv({ filters: expansion * filters, kernelSize: 1 }),
    bn3: batchNorm(),
    ...attended(attention),
  });
  return residual(body, { strides, ...shortcut });
}

/**
 * The basic block of ResNet-18 and -34, and of HRNet's branches: 3×3 → 3×3. [N, H, W, C] → [N, H/strides, W/strides, filters].
 *
 * @example basicBlock({ filters: 64 })(x, 'layer1.0')
 */
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
