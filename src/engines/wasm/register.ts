import {
  backend,
  getBackend,
  getGradient,
  getKernel,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { GradConfig, KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import { batchNormGradient } from './gradients/batch-norm-gradient';
import { reluGradientConfig } from './gradients/relu-gradient';
import type { KernelArgs, KernelResult, KernelRoute } from './kernel-route';
import { routes } from './routes';
import { resolve, simdModule } from './simd/load';
import type { SimdChoice } from './simd/load';
import { winograd, type WinogradChoice } from './simd/winograd';
import { isWasmBackend, reportExhaustion } from './wasm-backend';

/** Our registered kernels, so that a second call does not replace them. */
const ours = /* @__PURE__ */ new WeakSet<object>();

/** Options of {@link registerWasmGradients}. */
export interface WasmGradientOptions {
  /**
   * Our WebAssembly module. `auto` uses fused multiply–add (relaxed SIMD) where the host has it, and plain
   * SIMD elsewhere; `off` composes the kernels from stock ones, which is several times slower. @defaultValue `'auto'`
   */
  readonly simd?: SimdChoice;
  /**
   * Whether 3 × 3 convolutions with stride 1, and 2 × 2 and first 7 × 7 ones of compiled networks, use Winograd's algorithm where it is faster, and deep convolutions of compiled
   * networks Strassen's. The first saves up to three quarters of the multiplications, with a rounding error of 1e-5 of the outputs' deviation, where the direct form has 2e-6; `'2x2'`
   * uses only the variants with the smaller tiles, for 3 × 3 and 2 × 2, which save half and round like the direct form, and no Strassen, which saves an eighth at twice the
   * rounding. @defaultValue true
   */
  readonly winograd?: WinogradChoice;
}

let choice: SimdChoice = 'auto';

/**
 * Prepares the wasm engine for training: adds the kernels that convolutional networks need and the stock engine
 * lacks, replaces those that are wrong or slow there, and replaces gradients that waste memory. Idempotent; call it once
 * after importing `@tensorflow/tfjs-backend-wasm`, before or after choosing the engine. A later call with other
 * options applies to the kernel calls that follow.
 *
 * @throws Error when no wasm engine is registered, or the host lacks the requested SIMD.
 * @example
 * import '@tensorflow/tfjs-backend-wasm';
 * registerWasmGradients();
 * await tf.setBackend('wasm');
 */
export function registerWasmGradients(options: WasmGradientOptions = {}): void {
  if (!getKernel('Conv2D', 'wasm')) {
    throw new Error(
      'registerWasmGradients: the wasm engine must be registered first. ' +
        "Install it (npm install @tensorflow/tfjs-backend-wasm@4.22.0) and import '@tensorflow/tfjs-backend-wasm'.",
    );
  }
  if (options.simd !== undefined) {
    resolve(options.simd);
    choice = options.simd;
  }
  if (options.winograd !== undefined) winograd.choice = options.winograd;
  for (const route of routes) registerRoute(route);
  const batchNorm = getGradient('FusedBatchNorm') as GradConfig | undefined;
  if (batchNorm && !ours.has(batchNorm)) replaceGradient(batchNormGradient(batchNorm));
  const relu = getGradient('Relu') as GradConfig | undefined;
  if (relu && !ours.has(relu)) replaceGradient(reluGradientConfig);
}

/**
 * How the wasm kernels run: the build of our module, and the number of threads (fewer while workers still start).
 *
 * @example describeWasmKernels() // { simd: 'relaxed', threads: 2 }
 */
export function describeWasmKernels(): { simd: 'relaxed' | 'plain' | 'off'; threads: number } {
  const current: object | undefined = getBackend() === 'wasm' ? backend() : undefined;
  const module = current && isWasmBackend(current) ? simdModule(current, choice) : undefined;
  return { simd: module?.simd ?? 'off', threads: module?.threads ?? 1 };
}

function registerRoute(route: KernelRoute): void {
  const stock = getKernel(route.kernelName, 'wasm') as KernelConfig | undefined;
  if (stock && ours.has(stock)) return;
  const run = (args: KernelArgs): KernelResult => {
    if (isWasmBackend(args.backend)) reportExhaustion(args.backend);
    const module = route.simd && simdModule(args.backend, choice);
    const result = module?.attempt((simd) => route.simd?.(args, simd)) ?? route.composed?.(args, stock);
    if (result) return result;
    if (!stock) throw new Error(`${route.kernelName}: the wasm engine has no kernel for this call.`);
    return stock.kernelFunc(args as unknown as Parameters<KernelFunc>[0]);
  };
  const config: KernelConfig = {
    ...stock,
    kernelName: route.kernelName,
    backendName: 'wasm',
    kernelFunc: run as unknown as KernelFunc,
  };
  if (stock) unregisterKernel(route.kernelName, 'wasm');
  registerKernel(config);
  ours.add(config);
}

function replaceGradient(config: GradConfig): void {
  unregisterGradient(config.kernelName);
  registerGradient(config);
  ours.add(config);
}
