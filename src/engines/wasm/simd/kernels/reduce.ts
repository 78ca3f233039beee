import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { areFloats } from './operands';

/** A reduction over adjacent axes that do not include the last: column sums of the matrices that they form. */
function reduceAxes(args: KernelArgs, module: SimdModule, mean: boolean): TensorInfo | undefined {
  const x = input(args, 'x');
  const { shape } = x;
  const axes = util.parseAxisParam(args.attrs['axis'] as number | number[], shape).sort((a, b) => a - b);
  const first = axes[0];
  if (!areFloats(x) || first === undefined || axes.some((axis, i) => axis !== first + i)) return undefined;
  const end = first + axes.length;
  const columns = util.sizeFromShape(shape.slice(end));
  if (columns === 1) return undefined;
  const rows = util.sizeFromShape(shape.slice(first, end));
  const keep: number[] = args.attrs['keepDims'] === true ? axes.map(() => 1) : [];
  const out = module.output([...shape.slice(0, first), ...keep, ...shape.slice(end)]);
  const [from, to] = [module.pointer(x), module.pointer(out)];
  const matrices = util.sizeFromShape(shape.slice(0, first));
  for (let i = 0; i < matrices; i++) {
    const matrix = from + 4 * rows * columns * i;
    const parts = module.parts(4 * rows * columns);
    module.parallel('columnSums', parts, matrix, to + 4 * columns * i, rows, columns, mean ? 1 / rows : 1);
  }
  return out;
}

/** `Sum`. */
export const sum = (args: KernelArgs, module: SimdModule): TensorInfo | undefined => reduceAxes(args, module, false);

/** `Mean`. */
export const mean = (args: KernelArgs, module: SimdModule): TensorInfo | undefined => reduceAxes(args, module, true);
