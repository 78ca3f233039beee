import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { poolInfo } from '../../conv-info';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { areFloats } from './operands';

/** `ReluGrad`: dy where the output y was positive. */
export function reluGradient(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const [dy, y] = [input(args, 'dy'), input(args, 'y')];
  if (!areFloats(dy, y)) return undefined;
  const out = module.output(y.shape);
  const count = util.sizeFromShape(y.shape);
  const pointers = [dy, y, out].map((t) => module.pointer(t));
  module.parallel('reluGradient', module.parts(4 * count), ...pointers, count);
  return out;
}

/** `MaxPoolGrad`. */
export function maxPoolGradient(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const [dy, x, y] = [input(args, 'dy'), input(args, 'input'), input(args, 'output')];
  if (!areFloats(dy, x, y)) return undefined;
  const info = poolInfo(x.shape, args.attrs);
  const out = module.output(x.shape);
  const { geometry } = module.geometry(info);
  const pointers = [dy, x, y, out].map((t) => module.pointer(t));
  module.parallel('maxPoolGradient', module.parts(4 * util.sizeFromShape(x.shape)), ...pointers, geometry);
  return out;
}
