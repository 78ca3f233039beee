import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdModule } from './simd/simd-module';
import type { WasmBackend } from './wasm-backend';

/** What the engine hands to a kernel. Inputs are tensors whenever the engine itself makes the call. */
export interface KernelArgs {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: WasmBackend;
}

export type KernelResult = TensorInfo | TensorInfo[];

/**
 * How one kernel runs on wasm: the first of `simd`, `composed` and the stock kernel that takes the call.
 * A step that does not cover a call (data type, layout, size) returns undefined.
 */
export interface KernelRoute {
  readonly kernelName: string;
  /** Our own WebAssembly module. */
  readonly simd?: (args: KernelArgs, module: SimdModule) => KernelResult | undefined;
  /** A composition of kernels that the stock engine has. */
  readonly composed?: (args: KernelArgs, stock: KernelConfig | undefined) => KernelResult | undefined;
}

/** The named input, which the op that calls the kernel guarantees. */
export function input<T extends Tensor = Tensor>(args: KernelArgs, name: string): T {
  return args.inputs[name] as T;
}
