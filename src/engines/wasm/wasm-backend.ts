import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** The part of Emscripten's module object that we use. */
export interface EmscriptenModule {
  _malloc: (bytes: number) => number;
  _free(pointer: number): void;
  readonly HEAPU8: Uint8Array;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: Readonly<Record<string, unknown>>;
  readonly tfjs?: {
    getThreadsCount(): number;
    /** Tells the engine of a tensor's number, elements and address. */
    registerTensor?(id: number, size: number, memoryOffset: number): void;
    /** Forgets a number, and what was packed of its data; the memory stays. */
    disposeData?(id: number): void;
  };
}

/** What tfjs-backend-wasm 4.22 keeps of a tensor. */
export interface WasmTensorData {
  readonly id: number;
  readonly memoryOffset: number | null;
  readonly shape: number[];
  readonly dtype: DataType;
}

/** The internals of tfjs-backend-wasm 4.22 that the kernels rest on; `isWasmBackend` checks them before use. */
export interface WasmBackend extends KernelBackend {
  readonly wasm: EmscriptenModule;
  readonly dataIdMap: { get(dataId: object): WasmTensorData };
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** Whether a backend has the internals that we use. */
export function isWasmBackend(backend: object): backend is WasmBackend {
  const { wasm, dataIdMap, makeOutput } = backend as Partial<WasmBackend>;
  const heap = wasm?.HEAPU8 instanceof Uint8Array;
  const allocator = typeof wasm?._malloc === 'function' && typeof wasm._free === 'function';
  return heap && allocator && typeof dataIdMap?.get === 'function' && typeof makeOutput === 'function';
}

const guarded = /* @__PURE__ */ new WeakSet<object>();

/**
 * Makes the engine say when its heap is exhausted. The stock engine takes the null pointer for an address, and goes on
 * to overwrite itself or to fail with "memory access out of bounds".
 */
export function reportExhaustion({ wasm }: WasmBackend): void {
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  wasm._free(wasm._malloc(16)); // Emscripten replaces its own entry at the first call
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const pointer = allocate(bytes);
    if (pointer === 0 && bytes > 0) {
      const used = Math.round(wasm.HEAPU8.length / 2 ** 20);
      throw new Error(
        `wasm: out of memory, no room for ${bytes} bytes more on a heap of ${used} MiB (at most 4096). ` +
          'Use a smaller batch or image, dispose of tensors, or take gradients over several small batches.',
      );
    }
    return pointer;
  };
}
