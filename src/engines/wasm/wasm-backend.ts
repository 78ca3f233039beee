import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** The used parts of Emscripten's module object. */
export interface EmscriptenModule {
  _malloc: (bytes: number) => number;
  _free(pointer: number): void;
  readonly HEAPU8: Uint8Array;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: Readonly<Record<string, unknown>>;
  readonly tfjs?: {
    getThreadsCount(): number;
    initWithThreadsCount(count: number): void;
    /** Registers a tensor's number, elements and address with the engine. */
    registerTensor?(id: number, size: number, memoryOffset: number): void;
    /** Unregisters a number and its packed data; the memory is kept. */
    disposeData?(id: number): void;
  };
}

/** The data that tfjs-backend-wasm 4.22 stores for a tensor. */
export interface WasmTensorData {
  readonly id: number;
  readonly memoryOffset: number | null;
  readonly shape: number[];
  readonly dtype: DataType;
}

/** The internals of tfjs-backend-wasm 4.22 that the kernels depend on; `isWasmBackend` checks them before use. */
export interface WasmBackend extends KernelBackend {
  readonly wasm: EmscriptenModule;
  readonly dataIdMap: { get(dataId: object): WasmTensorData };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** Whether a backend has the internals that are used here. */
export function isWasmBackend(backend: object): backend is WasmBackend {
  const { wasm, dataIdMap, makeOutput } = backend as Partial<WasmBackend>;
  const heap = wasm?.HEAPU8 instanceof Uint8Array;
  const allocator = typeof wasm?._malloc === 'function' && typeof wasm._free === 'function';
  return heap && allocator && typeof dataIdMap?.get === 'function' && typeof makeOutput === 'function';
}

const guarded = /* @__PURE__ */ new WeakSet<object>();

/**
 * Makes the engine report that its heap is exhausted. The stock engine uses the null pointer as an address, and then
 * overwrites its own memory or fails with "memory access out of bounds".
 */
export function reportExhaustion({ wasm }: WasmBackend): void {
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  wasm._free(wasm._malloc(16)); // Emscripten replaces its entry at the first call
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const pointer = allocate(bytes);
    if (pointer === 0 && bytes > 0) {
      const used = Math.round(wasm.HEAPU8.length / 2 ** 20);
      throw new Error(
        `wasm: out of memory: ${bytes} more bytes do not fit on a heap of ${used} MiB (at most 4096). ` +
          'Use a smaller batch or image, dispose of tensors, or take gradients over several small batches.',
      );
    }
    return pointer;
  };
}
