/**
 * The kernels that TensorFlow.js' WebAssembly backend lacks, by themselves. `useEngine('wasm')` registers them.
 *
 * @packageDocumentation
 */
export { describeWasmKernels, registerWasmGradients } from './register';
export type { WasmGradientOptions } from './register';
export type { SimdChoice } from './simd/load';
export type { WinogradChoice } from './simd/winograd';
