import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdModule } from './simd/simd-module';
import type { WasmBackend } from './wasm-backend';

/** The arguments of a kernel. Inputs are tensors whenever the engine itself makes the call. */
export interface KernelArgs {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: WasmBackend;
}

export type KernelResult = TensorInfo | TensorInfo[];

/**
 * How one kernel runs on wasm: by the first of `simd`, `composed` and the stock kernel that supports the call.
 * A function that does not support a call (data type, layout, size) returns undefined.
 */
export interface KernelRoute {
  readonly kernelName: string;
  /** Kernel of our WebAssembly module. */
  readonly simd?: (args: KernelArgs, module: SimdModule) => KernelResult | undefined;
  /** A composition of stock kernels. */
  readonly composed?: (args: KernelArgs, stock: KernelConfig | undefined) => KernelResult | undefined;
}

/** The named input, which the op that calls the kernel guarantees. */
export function input<T extends Tensor = Tensor>(args: KernelArgs, name: string): T {
  return args.inputs[name] as T;
}
