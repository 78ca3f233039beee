import {
  getGradient,
  getKernel,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { GradConfig, KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import { batchNormGradient } from './gradients/batch-norm-gradient';
import type { KernelArgs, KernelResult, KernelRoute } from './kernel-route';
import { routes } from './routes';

/** What we have registered, so that a second call leaves it. */
const ours = /* @__PURE__ */ new WeakSet<object>();

/**
 * Completes the wasm engine for training: adds the kernels that convolutional networks need and the stock engine
 * lacks, replaces those that are wrong or slow there, and the gradients that waste memory. Idempotent; call it once
 * after importing `@tensorflow/tfjs-backend-wasm`, before or after choosing the engine.
 *
 * @throws Error when no wasm engine is registered.
 * @example
 * import '@tensorflow/tfjs-backend-wasm';
 * registerWasmGradients();
 * await tf.setBackend('wasm');
 */
export function registerWasmGradients(): void {
  if (!getKernel('Conv2D', 'wasm')) {
    throw new Error(
      'registerWasmGradients: the wasm engine must be there first. ' +
        "Install it (npm install @tensorflow/tfjs-backend-wasm@4.22.0) and import '@tensorflow/tfjs-backend-wasm'.",
    );
  }
  for (const route of routes) registerRoute(route);
  const batchNorm = getGradient('FusedBatchNorm') as GradConfig | undefined;
  if (batchNorm && !ours.has(batchNorm)) replaceGradient(batchNormGradient(batchNorm));
}

function registerRoute(route: KernelRoute): void {
  const stock = getKernel(route.kernelName, 'wasm') as KernelConfig | undefined;
  if (stock && ours.has(stock)) return;
  const run = (args: KernelArgs): KernelResult => {
    const result = route.composed?.(args, stock);
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
