import { batchNorm } from './batch-norm';
import { bnReluConv, bnReluConvResidual } from './bn-relu-conv';
import { chain, type Block, type BlockFactory } from './block';
import { conv, maxPool, relu } from './layers';
import { preActivationBottleneck, type HourglassBlockOptions } from './pre-activation';

/** Options of {@link patchifyStem}. */
export interface HourglassStemOptions {
  /** Output channels. @defaultValue 256 */
  filters?: number;
  /** The residual. @defaultValue {@link preActivationBottleneck} */
  block?: BlockFactory<HourglassBlockOptions>;
  /** Kernel size of the first convolution, which has stride 2. @defaultValue 7 */
  kernelSize?: number;
}

const pool = (): Block => maxPool({ poolSize: 2, strides: 2 });

/**
 * Conv → BN → ReLU → residual → pool → two residuals, with a quarter, half, all and all of the filters: the port of Wei Yang ("bearpaw").
 *
 * @example bearpawStem({ filters: 256 })(image, '') // [N, 256, 256, 3] → [N, 64, 64, 256]
 */
export function bearpawStem({
  filters = 256,
  block = preActivationBottleneck,
  kernelSize = 7,
}: HourglassStemOptions = {}): Block {
  return chain({
    conv1: conv({ filters: filters / 4, kernelSize, strides: 2, useBias: true }),
    bn1: batchNorm(),
    relu: relu(),
    layer1: chain([block({ filters: filters / 2 })]),
    maxpool: pool(),
    layer2: chain([block({ filters })]),
    layer3: chain([block({ filters })]),
  });
}

/**
 * Paper 002's "patchify technique from ConvNeXt", inferred from its parameter count: {@link bearpawStem} with a 3×3 convolution in place of the 7×7.
 *
 * @example patchifyStem({ filters: 256 })(image, '') // [N, 256, 256, 3] → [N, 64, 64, 256]
 */
export function patchifyStem(options: Omit<HourglassStemOptions, 'kernelSize'> = {}): Block {
  return bearpawStem({ ...options, kernelSize: 3 });
}

/**
 * As {@link bearpawStem}, but the channels double after the second residual: the PyTorch port of Princeton's vision laboratory. No fixture checks its names.
 *
 * @example princetonStem({ filters: 256 })(image, '') // [N, 256, 256, 3] → [N, 64, 64, 256]
 */
export function princetonStem({
  filters = 256,
  block = preActivationBottleneck,
  kernelSize = 7,
}: HourglassStemOptions = {}): Block {
  const first = chain({
    conv: conv({ filters: filters / 4, kernelSize, strides: 2, useBias: true }),
    bn: batchNorm(),
    relu: relu(),
  });
  const half = filters / 2;
  return chain({
    pre: chain([first, block({ filters: half }), pool(), block({ filters: half }), block({ filters })]),
  });
}

/**
 * BN → ReLU → conv of the image, then residuals: the port of Naman Jain, paper 001's original stem.
 * The first normalisation and ReLU act on the image itself.
 *
 * @example namanStem({ filters: 256 })(image, '') // [N, 256, 256, 3] → [N, 64, 64, 256]
 */
export function namanStem({
  filters = 256,
  block = bnReluConvResidual,
  kernelSize = 7,
}: HourglassStemOptions = {}): Block {
  return chain({
    start: bnReluConv({ filters: filters / 4, kernelSize, strides: 2 }),
    res1: block({ filters: filters / 2 }),
    mp: pool(),
    res2: block({ filters: filters / 2 }),
    res3: block({ filters }),
  });
}

/**
 * Paper 001's stem (section IV and Table I): five convolutions without residuals, 235,328 weights in place of 350,848.
 * [N, H, W, 3] → [N, H/4, W/4, filters]; five times BN → ReLU → conv: 7×7 (stride 2), 3×3, 1×1, pool, 3×3, 1×1.
 *
 * @example reducedStem({ filters: 256 })(image, '') // [N, 256, 256, 3] → [N, 64, 64, 256]
 */
export function reducedStem({ filters = 256, kernelSize = 7 }: Omit<HourglassStemOptions, 'block'> = {}): Block {
  const [quarter, half] = [filters / 4, filters / 2];
  return chain({
    start: chain({
      c1: bnReluConv({ filters: quarter, kernelSize, strides: 2 }),
      c2: bnReluConv({ filters: quarter, kernelSize: 3 }),
      c3: bnReluConv({ filters: half, kernelSize: 1 }),
      mp: pool(),
      c4: bnReluConv({ filters: half, kernelSize: 3 }),
      c5: bnReluConv({ filters, kernelSize: 1 }),
    }),
  });
}
