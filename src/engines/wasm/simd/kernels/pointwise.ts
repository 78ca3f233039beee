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
  module.parallel('reluGradient', module.split(4 * count), ...pointers, count);
  return out;
}

/** `Relu`. */
export function relu(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  if (!areFloats(x)) return undefined;
  const out = module.output(x.shape);
  const count = util.sizeFromShape(x.shape);
  module.parallel('relu', module.split(4 * count), module.pointer(x), module.pointer(out), count);
  return out;
}

/** `Add` of equal shapes, and of a row over all rows: `[…, C] + [1, …, C]`. */
export const add = (args: KernelArgs, module: SimdModule): TensorInfo | undefined => sumOf(args, module, false);

/** `AddRelu`: the ReLU of a sum. */
export const addRelu = (args: KernelArgs, module: SimdModule): TensorInfo | undefined => sumOf(args, module, true);

function sumOf(args: KernelArgs, module: SimdModule, relu: boolean): TensorInfo | undefined {
  const [a, b] = [input(args, 'a'), input(args, 'b')];
  const [x, y] = util.sizeFromShape(a.shape) >= util.sizeFromShape(b.shape) ? [a, b] : [b, a];
  const count = util.sizeFromShape(x.shape);
  const columns = x.shape.at(-1) ?? 1;
  const equal = util.arraysEqual(x.shape, y.shape);
  const row = y.shape.at(-1) === columns && util.sizeFromShape(y.shape) === columns && y.shape.length <= x.shape.length;
  if (!areFloats(x, y) || columns < 4 || !(equal || row)) return undefined;
  const out = module.output(x.shape);
  const [from, other, to] = [x, y, out].map((t) => module.pointer(t)) as [number, number, number];
  const terms = equal ? [other, 0] : [0, other];
  module.parallel('sum', module.split(4 * count), from, ...terms, to, 1, count / columns, columns, relu ? 1 : 0);
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
