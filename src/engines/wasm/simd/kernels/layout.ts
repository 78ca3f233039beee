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
  const from = { pointer: module.pointer(x), shape: x.shape, begin };
  copyRuns(module, from, { pointer: module.pointer(out), shape: [...size] }, size);
  return out;
}

/** A window of an array on the heap, at its beginning unless told. */
interface Place {
  readonly pointer: number;
  readonly shape: readonly number[];
  readonly begin?: readonly number[];
}

/** Copies a window of `size`. Its inner axes lie in one run, from the last that it does not fill on: the runs of the axis before in one call, the others one by one. */
function copyRuns(module: SimdModule, source: Place, target: Place, size: readonly number[]): void {
  let axis = size.length - 1;
  while (axis > 0 && size[axis] === source.shape[axis] && size[axis] === target.shape[axis]) axis--;
  const run = 4 * util.sizeFromShape(size.slice(axis));
  const [from, to] = [stridesOf(source), stridesOf(target)];
  const rows = axis === 0 ? 1 : size[axis - 1]!;
  const [fromStep, toStep] = axis === 0 ? [0, 0] : [from.strides[axis - 1]!, to.strides[axis - 1]!];
  const outer = size.slice(0, Math.max(0, axis - 1));
  const blocks = util.sizeFromShape([...outer]);
  for (let i = 0; i < blocks; i++) {
    let [read, write] = [from.begin, to.begin];
    let rest = i;
    for (let a = outer.length - 1; a >= 0; a--) {
      const index = rest % outer[a]!;
      read += index * from.strides[a]!;
      write += index * to.strides[a]!;
      rest = Math.floor(rest / outer[a]!);
    }
    module.run('copyRows', read, fromStep, write, toStep, run, rows);
  }
}

/** In bytes. */
function stridesOf({ pointer, shape, begin }: Place): { begin: number; strides: number[] } {
  const strides = [...util.computeStrides([...shape]), 1].map((stride) => 4 * stride);
  return { begin: pointer + (begin ?? []).reduce((sum, b, i) => sum + b * strides[i]!, 0), strides };
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

/** `PadV2`. */
export function pad(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const x = input(args, 'x');
  const paddings = args.attrs['paddings'] as [number, number][];
  if (!isWide(x) || x.shape.length === 0 || util.sizeFromShape(x.shape) === 0) return undefined;
  const shape = x.shape.map((n, i) => n + paddings[i]![0] + paddings[i]![1]);
  const out = module.output(shape, x.dtype);
  const pointer = module.pointer(out);
  const count = util.sizeFromShape(shape);
  const values = x.dtype === 'int32' ? module.integers(pointer, count) : module.floats(pointer, count);
  values.fill(args.attrs['constantValue'] as number);
  const begin = paddings.map(([before]) => before);
  copyRuns(module, { pointer: module.pointer(x), shape: x.shape }, { pointer, shape, begin }, x.shape);
  return out;
}
