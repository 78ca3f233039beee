import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** The part of Emscripten's module object that we use. */
export interface EmscriptenModule {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  readonly HEAPU8: Uint8Array;
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: Readonly<Record<string, unknown>>;
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
