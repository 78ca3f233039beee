import { knownOptions } from '../bytes';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { batchNorm } from './batch-norm';
import { chain, channels, join, requireBlock, type Block } from './block';
import { conv, identity, relu, sum } from './layers';

/** Options that every residual block accepts. */
export interface ResidualOptions {
  /** Output channels. */
  filters: number;
  /** Stride of the block. @defaultValue 1 */
  strides?: number;
  /** Attention block at the end of the body, before the sum: {@link globalContext}, {@link squeezeExcite}. @defaultValue none */
  attention?: Block;
}

/** The projection of post-activation residuals (He et al. 2016): a 1×1 convolution with the stride, then its normalisation. */
export const projection = (options: { filters: number; strides: number }): Block =>
  chain([conv({ ...options, kernelSize: 1 }), batchNorm()]);

/**
 * activation(shortcut(x) + body(x)). The shortcut is `x` itself, or its projection (named `downsample`) where stride or channels change.
 *
 * @throws TypeError when the body is no block, or an option does not exist.
 * @example residual(chain({ conv1: conv({ filters: 64, kernelSize: 3 }), bn1: batchNorm() }))
 */
export function residual(
  body: Block,
  options: {
    strides?: number;
    project?: (options: { filters: number; strides: number }) => Block;
    /** Whether the shortcut is also projected where the shapes agree. @defaultValue false */
    alwaysProject?: boolean;
    /** Activation after the sum. @defaultValue ReLU */
    activation?: Block;
  } = {},
): Block {
  requireBlock('residual', body, 'body');
  const {
    strides = 1,
    project = projection,
    alwaysProject = false,
    activation = relu(),
  } = knownOptions('residual', options, ['strides', 'project', 'alwaysProject', 'activation']);
  return (x, name) => {
    const y = body(x, name);
    const filters = channels(y);
    const shortcut: SymbolicTensor =
      !alwaysProject && strides === 1 && channels(x) === filters
        ? x
        : project({ filters, strides })(x, join(name, 'downsample'));
    return activation(sum([y, shortcut], join(name, 'add')), join(name, 'relu'));
  };
}

/** For pre-activation residuals, which have no activation after the sum. */
export const noActivation: Block = /* @__PURE__ */ identity();
