import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-backend';
import { DEPTH, LEFT_BYTES, TILE_BYTES, UNFOLDED_BYTES, rounded } from './blocking';
import type { ParallelKernel, SerialKernel, SimdExports } from './simd-exports';
import type { ThreadPool } from './thread-pool';

const GEOMETRY_BYTES = 64;

/** Number of elementary operations below which waking other threads costs more than it saves; tests lower it. */
export const sharing: { leastWork: number } = { leastWork: 400_000 };

const MOST_PIECES = 8;

/** The number of pieces of a thread's share, which the others take over when it is slower, for `work` elementary operations in all. */
export function piecesOf(work: number): number {
  return Math.max(1, Math.min(MOST_PIECES, Math.floor(work / Math.max(1, 2 * sharing.leastWork))));
}

/** How threads share a kernel. */
export interface Split {
  readonly parts: number;
  /** Of each part, which the other threads take over when its own is slower; 1 where none are given. */
  readonly pieces?: number;
  /** Bytes between the threads' scratch, which the last argument points to. */
  readonly stride?: number;
}

/** Our own WebAssembly module on the heap of one wasm backend. */
export class SimdModule {
  readonly backend: WasmBackend;
  readonly simd: 'relaxed' | 'plain';
  private readonly exports: SimdExports;
  private readonly memory: WebAssembly.Memory;
  private readonly pool: ThreadPool | undefined;
  private readonly outputs: TensorInfo[] = [];
  private scratchPointer = 0;
  private scratchBytes = 0;

  constructor(
    backend: WasmBackend,
    simd: 'relaxed' | 'plain',
    exports: SimdExports,
    memory: WebAssembly.Memory,
    pool?: ThreadPool,
  ) {
    this.backend = backend;
    this.simd = simd;
    this.exports = exports;
    this.memory = memory;
    this.pool = pool;
  }

  /** The address of a tensor on the heap. */
  pointer(tensor: TensorInfo): number {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset!;
  }

  /**
   * Makes the stock kernels forget the packed form of a tensor: they look up filters and biases by data number,
   * which does not change when a kernel of ours changes the values in place.
   */
  changed({ dataId, shape }: TensorInfo): void {
    const { id, memoryOffset } = this.backend.dataIdMap.get(dataId);
    const { tfjs } = this.backend.wasm;
    if (memoryOffset === null || !tfjs?.disposeData || !tfjs.registerTensor) return;
    tfjs.disposeData(id);
    tfjs.registerTensor(id, util.sizeFromShape(shape), memoryOffset);
  }

  output(shape: number[], dtype: DataType = 'float32'): TensorInfo {
    const out = this.backend.makeOutput(shape, dtype);
    this.outputs.push(out);
    return out;
  }

  /** Runs a kernel; if it fails for lack of memory, its outputs are freed. */
  attempt<T>(kernel: (module: SimdModule) => T): T {
    this.outputs.length = 0;
    try {
      return kernel(this);
    } catch (error) {
      for (const { dataId } of this.outputs) this.backend.disposeData(dataId);
      throw error;
    }
  }

  /** A view of `count` floats of the heap, valid until the next allocation. */
  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer >>> 0, count);
  }

  /** A view of `count` integers of the heap, valid until the next allocation. */
  integers(pointer: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer >>> 0, count);
  }

  /** At least `bytes` of scratch; its contents are valid until the next call. */
  scratch(bytes: number): number {
    if (bytes > this.scratchBytes) {
      const { wasm } = this.backend;
      if (this.scratchPointer) wasm._free(this.scratchPointer);
      this.scratchPointer = this.scratchBytes = 0;
      this.scratchPointer = wasm._malloc(bytes) >>> 0;
      this.scratchBytes = bytes;
    }
    return this.scratchPointer;
  }

  /** The sizes of a convolution or pooling, written at the start of scratch of at least `bytes` more. */
  geometry(info: backend_util.Conv2DInfo, bytes = 0): { geometry: number; scratch: number } {
    const geometry = this.scratch(GEOMETRY_BYTES + bytes);
    this.integers(geometry, 15).set([
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.outHeight,
      info.outWidth,
      info.outChannels,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.dilationHeight,
      info.dilationWidth,
      info.padInfo.top,
      info.padInfo.left,
    ]);
    return { geometry, scratch: geometry + GEOMETRY_BYTES };
  }

  run(kernel: SerialKernel, ...args: number[]): void {
    this.exports[kernel](...args);
  }

  /** Number of threads that run our kernels: those of the pool once all of them have started. */
  get threads(): number {
    return this.pool?.ready ? this.pool.threads : 1;
  }

  /** The number of parts of a kernel with `work` elementary operations. */
  parts(work: number): number {
    return work >= sharing.leastWork ? this.threads : 1;
  }

  /** The parts of a kernel with `work` elementary operations, each in at most `most` pieces. */
  split(work: number, most: number = Infinity): Split {
    return { parts: this.parts(work), pieces: Math.max(1, Math.min(piecesOf(work), Math.floor(most))) };
  }

  /** Runs a kernel in the parts that `parts` or `split` returned for it. */
  parallel(kernel: ParallelKernel, split: number | Split, ...args: number[]): void {
    const { parts, pieces = 1, stride = 0 } = typeof split === 'number' ? { parts: split } : split;
    const own = (piece: number, of: number): number | void => this.exports[kernel](...args, piece, of);
    if (parts > 1) this.pool!.run(kernel, args, { pieces, stride }, own);
    else own(0, 1);
  }

  close(): void {
    this.pool?.close();
    if (this.scratchPointer) this.backend.wasm._free(this.scratchPointer);
    this.scratchPointer = this.scratchBytes = 0;
  }
}

const floats = (count: number): number => 4 * count;
const eights = (columns: number): number => 8 * Math.ceil(columns / 8);

/** Scratch bytes of one part of `matrixProduct`. */
export function productBytes(columns: number, depth: number): number {
  return rounded(TILE_BYTES + LEFT_BYTES + floats(eights(columns) * Math.min(depth, DEPTH)));
}

/** Scratch bytes of one part of a convolution over unfolded pixels of `values`, beside a packed matrix; a block has whole tiles, of up to six rows. */
export function unfoldingBytes(values: number, packedColumns: number, packedDepth: number): number {
  const pixels = Math.max(6, Math.floor(UNFOLDED_BYTES / floats(values)));
  return rounded(TILE_BYTES + LEFT_BYTES + floats(pixels * values) + floats(eights(packedColumns) * packedDepth));
}

/** Scratch bytes of one part of `convolutionFilterGradient`. */
export function filterGradientBytes(pixels: number, columns: number): number {
  return rounded(TILE_BYTES + LEFT_BYTES + UNFOLDED_BYTES + floats(eights(columns) * Math.min(pixels, DEPTH)));
}
