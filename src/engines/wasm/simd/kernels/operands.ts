import type { TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';

/** Whether our module supports these tensors: non-empty floats. */
export function areFloats(...tensors: (TensorInfo | undefined)[]): boolean {
  return tensors.every((t) => t === undefined || (t.dtype === 'float32' && util.sizeFromShape(t.shape) > 0));
}

/** The numbers of a tensor on the heap, until the heap grows. */
export const floatsOf = (module: SimdModule, t: TensorInfo): Float32Array =>
  module.floats(module.pointer(t), util.sizeFromShape(t.shape));

export interface Epilogue {
  readonly bias: TensorInfo | undefined;
  /** 0 nothing, 1 relu, 2 relu6. */
  readonly activation: number;
}

const ACTIVATIONS: Readonly<Record<string, number>> = { linear: 0, relu: 1, relu6: 2 };

/** The operations of a fused kernel after its product; undefined where our module lacks them. */
export function epilogue(args: KernelArgs, columns: number): Epilogue | undefined {
  const bias = args.inputs['bias'];
  const activation = ACTIVATIONS[(args.attrs['activation'] as string | undefined) ?? 'linear'];
  if (activation === undefined || args.inputs['preluActivationWeights']) return undefined;
  if (bias && (!areFloats(bias) || util.sizeFromShape(bias.shape) !== columns)) return undefined;
  return { bias, activation };
}
