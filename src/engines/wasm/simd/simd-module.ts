import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../wasm-backend';
import type { ParallelKernel, SerialKernel, SimdExports } from './simd-exports';

/** Bytes of the scratch tile and of the packed left rows of a matrix product; `assembly/blocking.ts` has the same. */
const TILE_BYTES = 128;
const LEFT_BYTES = 131072;
const UNFOLDED_BYTES = 262144;
const DEPTH = 512;

const GEOMETRY_BYTES = 64;

/** Our own WebAssembly module on the heap of one wasm backend. */
export class SimdModule {
  readonly backend: WasmBackend;
  readonly threads: number = 1;
  private readonly exports: SimdExports;
  private readonly memory: WebAssembly.Memory;
  private scratchPointer = 0;
  private scratchBytes = 0;

  constructor(backend: WasmBackend, exports: SimdExports, memory: WebAssembly.Memory) {
    this.backend = backend;
    this.exports = exports;
    this.memory = memory;
  }

  /** Where a tensor lies on the heap. */
  pointer(tensor: TensorInfo): number {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset!;
  }

  output(shape: number[], dtype: DataType = 'float32'): TensorInfo {
    return this.backend.makeOutput(shape, dtype);
  }

  /** A view of `count` floats of the heap; it lasts until the next allocation. */
  floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer >>> 0, count);
  }

  /** At least `bytes` of scratch, whose contents last until the next call. */
  scratch(bytes: number): number {
    if (bytes > this.scratchBytes) {
      const { wasm } = this.backend;
      if (this.scratchPointer) wasm._free(this.scratchPointer);
      this.scratchBytes = 0;
      this.scratchPointer = wasm._malloc(bytes) >>> 0;
      this.scratchBytes = bytes;
    }
    return this.scratchPointer;
  }

  /** The sizes of a convolution or pooling, written at the head of scratch of at least `bytes` more. */
  geometry(info: backend_util.Conv2DInfo, bytes = 0): { geometry: number; scratch: number } {
    const geometry = this.scratch(GEOMETRY_BYTES + bytes);
    new Int32Array(this.memory.buffer, geometry, 15).set([
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

  /** Runs a kernel over all its parts. */
  parallel(kernel: ParallelKernel, ...args: number[]): void {
    this.exports[kernel](...args, 0, 1);
  }
}

const floats = (count: number): number => 4 * count;
const eights = (columns: number): number => 8 * Math.ceil(columns / 8);
const rounded = (bytes: number): number => 64 * Math.ceil(bytes / 64);

/** Scratch that one part of `matrixProduct` needs. */
export function productBytes(columns: number, depth: number): number {
  return rounded(TILE_BYTES + LEFT_BYTES + floats(eights(columns) * Math.min(depth, DEPTH)));
}

/** Scratch that one part of a convolution over unfolded pixels of `values` needs, beside a packed matrix. */
export function unfoldingBytes(values: number, packedColumns: number, packedDepth: number): number {
  const pixels = unfoldedPixels(values);
  return rounded(TILE_BYTES + LEFT_BYTES + floats(pixels * values) + floats(eights(packedColumns) * packedDepth));
}

/** Unfolded pixels in a block, as `assembly/convolution.ts` counts them. */
export function unfoldedPixels(values: number): number {
  return Math.max(4, 4 * Math.floor(UNFOLDED_BYTES / floats(values) / 4));
}
