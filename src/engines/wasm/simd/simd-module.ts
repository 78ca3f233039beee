import type { WasmBackend } from '../wasm-backend';

/** Our own WebAssembly module on the heap of one wasm backend. */
export interface SimdModule {
  readonly backend: WasmBackend;
}
