import { broadcast_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sourceIndex } from '../../composed/matmul';
import { input } from '../../kernel-route';
import type { KernelArgs } from '../../kernel-route';
import type { SimdModule } from '../simd-module';
import { productBytes, sharing } from '../simd-module';
import { areFloats, epilogue } from './operands';

/** A matrix on the heap: its address, and its row and column strides in bytes. */
export interface Matrix {
  readonly pointer: number;
  readonly rowBytes: number;
  readonly columnBytes: number;
}

/** A row-major matrix of `columns`, or its transpose. */
export function matrixAt(pointer: number, columns: number, transposed = false): Matrix {
  const stride = 4 * columns;
  return { pointer, rowBytes: transposed ? 4 : stride, columnBytes: transposed ? stride : 4 };
}

/** The fewest rows of a piece: it packs the right side for itself. */
export const PIECE_ROWS = 384;

/** out [m, n] = activation(a [m, k] · b [k, n] + bias). */
export function multiply(
  module: SimdModule,
  a: Matrix,
  b: Matrix,
  out: number,
  [m, k, n]: readonly [number, number, number],
  bias = 0,
  activation = 0,
): void {
  const bytes = productBytes(n, k);
  const split = module.split(m * n * k, m < n ? 1 : m / module.threads / PIECE_ROWS);
  const scratch = module.scratch(bytes * split.parts);
  module.parallel(
    'matrixProduct',
    { ...split, stride: bytes },
    a.pointer,
    a.rowBytes,
    a.columnBytes,
    b.pointer,
    b.columnBytes,
    b.rowBytes,
    out,
    m,
    n,
    k,
    bias,
    activation,
    scratch,
  );
}

/** `BatchMatMul` and `_FusedMatMul`, with transposes and broadcast batches. */
export function matMul(args: KernelArgs, module: SimdModule): TensorInfo | undefined {
  const a = input(args, 'a');
  const b = input(args, 'b');
  const transposeA = args.attrs['transposeA'] === true;
  const transposeB = args.attrs['transposeB'] === true;
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const after = epilogue(args, n);
  if (!areFloats(a, b) || !after) return undefined;
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const out = module.output([...batch, m, n]);
  const [left, right, to] = [module.pointer(a), module.pointer(b), module.pointer(out)];
  const bias = after.bias ? module.pointer(after.bias) : 0;
  const count = batch.reduce((p, q) => p * q, 1);
  const stepA = stepOf(m * k, count, batchA);
  const stepB = stepOf(k * n, count, batchB);
  const plain = !bias && !after.activation && stepA !== undefined && stepB !== undefined;
  if (count > 1 && plain && m * k * n < sharing.leastWork) {
    const [x, y] = [matrixAt(left, columnsA, transposeA), matrixAt(right, columnsB, transposeB)];
    const bytes = productBytes(n, k);
    const parts = module.parts(count * m * n * k);
    const scratch = module.scratch(bytes * parts);
    const sides = [x.pointer, stepA, x.rowBytes, x.columnBytes, y.pointer, stepB, y.columnBytes, y.rowBytes];
    module.parallel('matrixProducts', { parts, stride: bytes }, ...sides, to, count, m, n, k, scratch);
    return out;
  }
  for (let i = 0; i < count; i++) {
    multiply(
      module,
      matrixAt(left + 4 * m * k * sourceIndex(i, batch, batchA), columnsA, transposeA),
      matrixAt(right + 4 * k * n * sourceIndex(i, batch, batchB), columnsB, transposeB),
      to + 4 * m * n * i,
      [m, k, n],
      bias,
      after.activation,
    );
  }
  return out;
}

/** Bytes from one matrix of `values` to that of the next product; undefined where a part of the batch is broadcast. */
function stepOf(values: number, count: number, batch: readonly number[]): number | undefined {
  const own = batch.reduce((p, q) => p * q, 1);
  return own === count ? 4 * values : own === 1 ? 0 : undefined;
}
