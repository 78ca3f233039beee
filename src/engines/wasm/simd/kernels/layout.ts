import { slice_util, util, backend_util } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';

/** Types of four bytes, which our copies support. */
const isWide = (t: TensorInfo): boolean => t.dtype === 'float32' || t.dtype === 'int32';

/** A window of `x`. The stock kernel first copies all of `x` to JavaScript, and then copies row by row. */
function copyWindow(module: SimdModule, x: TensorInfo, begin: readonly number[], size: readonly number[]): TensorInfo {
  const out = module.output([...size], x.dtype);
  if (util.sizeFromShape([...size]) === 0) return out;
  const strides = [...util.computeStrides(x.shape), 1];
  let axis = x.shape.length - 1;
  while (axis > 0 && size[axis] === x.shape[axis]) axis--;
  const run = 4 * size.slice(axis).reduce((p, q) => p * q, 1);
  const offset = begin.reduce((sum, b, i) => sum + 4 * b * strides[i]!, 0);
  copyOuter(module, module.pointer(x) + offset, module.pointer(out), run, axis, size, strides);
  return out;
}

/** Copies runs for every index of the axes before `axis`: the last of these axes in one call, the others one by one. */
function copyOuter(
  module: SimdModule,
  from: number,
  to: number,
  run: number,
  axis: number,
  size: readonly number[],
  strides: readonly number[],
): void {
  if (axis === 0) {
    module.run('copyRows', from, 0, to, 0, run, 1);
    return;
  }
  const rows = size[axis - 1]!;
  const outer = size.slice(0, axis - 1);
  const blocks = outer.reduce((p, q) => p * q, 1);
  for (let i = 0; i < blocks; i++) {
    let source = from;
    let rest = i;
    for (let a = outer.length - 1; a >= 0; a--) {
      source += 4 * (rest % outer[a]!) * strides[a]!;
      rest = Math.floor(rest / outer[a]!);
    }
    module.run('copyRows', source, 4 * strides[axis - 1]!, to + i * rows * run, run, run, rows);
  }
}

/** `Slice`. */
export function slice(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  if (!isWide(x) || x.shape.length === 0) return undefined;
  const { begin, size } = args.attrs;
  const [from, extent] = slice_util.parseSliceParams(x as Tensor, begin as number[], size as number[]) as [
    number[],
    number[],
  ];
  return copyWindow(module, x, from, extent);
}

/** `SplitV`. */
export function split(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const x = input(args, 'x');
  if (!isWide(x)) return undefined;
  const axis = util.parseAxisParam(args.attrs['axis'] as number, x.shape)[0]!;
  const sizes: number[] = backend_util.prepareSplitSize(
    x as Tensor,
    args.attrs['numOrSizeSplits'] as number[] | number,
    axis,
  )!;
  const begin = x.shape.map(() => 0);
  return sizes.map((extent) => {
    const size = x.shape.map((n, i) => (i === axis ? extent : n));
    const part = copyWindow(module, x, begin, size);
    begin[axis]! += extent;
    return part;
  });
}

/** `Unpack`. */
export function unpack(args: KernelArgs, module: SimdModule): TensorInfo[] | undefined {
  const value = input(args, 'value');
  if (!isWide(value)) return undefined;
  const axis = util.parseAxisParam(args.attrs['axis'] as number, value.shape)[0]!;
  const size = value.shape.map((n, i) => (i === axis ? 1 : n));
  const shape = value.shape.filter((_, i) => i !== axis);
  return Array.from({ length: value.shape[axis]! }, (_, index) => {
    const begin = value.shape.map((_, i) => (i === axis ? index : 0));
    const part = copyWindow(module, value, begin, size);
    return { ...part, shape };
  });
}

/** Joins parts of `bytes[i]` per row into complete rows. */
function join(
  module: SimdModule,
  parts: readonly TensorInfo[],
  bytes: readonly number[],
  rows: number,
  to: number,
): void {
  const whole = bytes.reduce((p, q) => p + q, 0);
  let offset = 0;
  parts.forEach((part, i) => {
    if (bytes[i]) module.run('copyRows', module.pointer(part), bytes[i], to + offset, whole, bytes[i], rows);
    offset += bytes[i]!;
  });
}

/** `Concat`. */
export function concat(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const parts = Object.values(args.inputs) as TensorInfo[];
  const first = parts[0]!;
  if (!parts.every((p) => isWide(p) && p.dtype === first.dtype)) return undefined;
  const axis = util.parseAxisParam(args.attrs['axis'] as number, first.shape)[0]!;
  const shape = backend_util.computeOutShape(
    parts.map((p) => p.shape),
    axis,
  );
  const out = module.output(shape, first.dtype);
  const rows = util.sizeFromShape(shape.slice(0, axis));
  const bytes = parts.map((p) => 4 * util.sizeFromShape(p.shape.slice(axis)));
  if (util.sizeFromShape(shape) > 0) join(module, parts, bytes, rows, module.pointer(out));
  return out;
}

/** `Pack`. */
export function pack(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const parts = Object.values(args.inputs) as TensorInfo[];
  const first = parts[0]!;
  if (!parts.every((p) => isWide(p) && p.dtype === first.dtype && util.arraysEqual(p.shape, first.shape))) {
    return undefined;
  }
  const given = args.attrs['axis'] as number;
  const axis = given < 0 ? given + first.shape.length + 1 : given;
  const shape = [...first.shape.slice(0, axis), parts.length, ...first.shape.slice(axis)];
  const out = module.output(shape, first.dtype);
  const rows = util.sizeFromShape(first.shape.slice(0, axis));
  const bytes = parts.map((p) => 4 * util.sizeFromShape(p.shape.slice(axis)));
  if (util.sizeFromShape(shape) > 0) join(module, parts, bytes, rows, module.pointer(out));
  return out;
}
