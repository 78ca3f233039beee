import { broadcast_util, concat, matMul, reshape, slice, tensor, tidy, transpose } from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor, Tensor3D, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from '../kernel-route';
import type { KernelArgs } from '../kernel-route';

type MatMulKernel = (args: KernelArgs) => TensorInfo;

/** The shape for which the stock kernel has packed a right-hand matrix, by data id. */
const packedShapes = /* @__PURE__ */ new WeakMap<object, string>();

/**
 * Stock matMul caches the packed right-hand matrix by data id without its shape, so a reshaped view of a matrix
 * already used gives wrong numbers or a crash. A view with another shape is copied first.
 */
function freshlyShaped(b: Tensor, backend: KernelArgs['backend']): Tensor {
  const shape = b.shape.slice(-2).join();
  const packed = packedShapes.get(b.dataId);
  if (packed === undefined || packed === shape) {
    packedShapes.set(b.dataId, shape);
    return b;
  }
  const values = backend.readSync!(b.dataId) as Float32Array;
  const copy = tensor(values, b.shape, b.dtype);
  packedShapes.set(copy.dataId, shape);
  return copy;
}

/** A stock matrix product kernel that never uses a stale packed matrix. */
export function guardedMatMul(args: KernelArgs, stock: KernelConfig | undefined): TensorInfo {
  const kernel = stock!.kernelFunc as unknown as MatMulKernel;
  return tidy(() => {
    const b = freshlyShaped(input(args, 'b'), args.backend);
    return kernel({ ...args, inputs: { ...args.inputs, b } }) as Tensor;
  });
}

/**
 * `BatchMatMul` as plain products of two matrices, the only form in which the stock kernel reaches XNNPACK:
 * transposes are materialised, batches (broadcast or not) are computed one by one.
 */
export function batchMatMul(args: KernelArgs, stock: KernelConfig | undefined): TensorInfo | undefined {
  const a = input(args, 'a');
  const b = input(args, 'b');
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const transposeA = args.attrs['transposeA'] === true;
  const transposeB = args.attrs['transposeB'] === true;
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const single = (batch: number[]): boolean => batch.every((n) => n === 1);
  if (!transposeA && !transposeB && single(batchA) && single(batchB)) return guardedMatMul(args, stock);
  return tidy(() => {
    const batch = broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    const left = matrices(a, transposeA);
    const right = matrices(b, transposeB);
    const count = batch.reduce((n, size) => n * size, 1);
    const products = Array.from({ length: count }, (_, i) =>
      matMul(nth(left, sourceIndex(i, batch, batchA)), nth(right, sourceIndex(i, batch, batchB))),
    );
    const joined = products.length > 1 ? concat(products, 0) : products[0]!;
    return reshape(joined, [...batch, left.shape[1], right.shape[2]]);
  });
}

function matrices(x: Tensor, transposed: boolean): Tensor3D {
  const flat: Tensor3D = reshape(x, [-1, ...x.shape.slice(-2)] as [number, number, number]);
  return transposed ? transpose(flat, [0, 2, 1]) : flat;
}

function nth(x: Tensor3D, index: number): Tensor3D {
  return x.shape[0] === 1 ? x : slice(x, [index, 0, 0], [1, x.shape[1], x.shape[2]]);
}

/** The index of the source matrix of the `index`-th product, in a batch that is broadcast to `batch`. */
export function sourceIndex(index: number, batch: readonly number[], own: readonly number[]): number {
  let source = 0;
  let step = 1;
  let rest = index;
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const position = rest % batch[axis]!;
    rest = Math.floor(rest / batch[axis]!);
    const size = own[axis - batch.length + own.length] ?? 1;
    if (size > 1) source += position * step;
    step *= size;
  }
  return source;
}
