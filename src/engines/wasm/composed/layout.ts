import { add, reshape, tidy, transpose, util, zeros } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

/** A tensor that shares the data of `x`, which the stock kernels would copy. */
export function shared(x: TensorInfo, { backend }: KernelArgs): TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

export function identity(args: KernelArgs): TensorInfo {
  return shared(input(args, 'x'), args);
}

/** `Cast` to the tensor's own type. */
export function castToSameType(args: KernelArgs): TensorInfo | undefined {
  const x = input(args, 'x');
  return args.attrs['dtype'] === x.dtype ? shared(x, args) : undefined;
}

/** `Tile` of leading axes of size 1, `[1, 1, 1, C]` → `[N, H, W, C]`, as a broadcast addition. */
export function tileLeading(args: KernelArgs): TensorInfo | undefined {
  const x = input(args, 'x');
  const reps = args.attrs['reps'] as number[];
  let lead = reps.length;
  while (lead > 0 && reps[lead - 1] === 1) lead--;
  const inner = util.sizeFromShape(x.shape.slice(lead));
  const shape = x.shape.map((size, axis) => size * reps[axis]!);
  const covered = lead > 0 && inner >= 8 && x.shape.slice(0, lead).every((size) => size === 1);
  if (x.dtype !== 'float32' || !covered || shape.includes(0)) return undefined;
  return tidy((): Tensor => {
    const rows = util.sizeFromShape(shape) / inner;
    return reshape(add(zeros([rows, inner]), reshape(x, [1, inner])), shape);
  });
}

/** `DepthToSpace` of channels last as a transpose; channels are ordered (row, column, channel). */
export function depthToSpace(args: KernelArgs): TensorInfo | undefined {
  const x = input<Tensor4D>(args, 'x');
  const block = args.attrs['blockSize'] as number;
  if (args.attrs['dataFormat'] !== 'NHWC' || x.dtype !== 'float32' || x.size === 0) return undefined;
  return tidy((): Tensor => {
    const [n, h, w, c] = x.shape;
    const rows = transpose(reshape(x, [n * h, w, block, c / block]), [0, 2, 1, 3]);
    return reshape(rows, [n, h * block, w * block, c / (block * block)]);
  });
}
