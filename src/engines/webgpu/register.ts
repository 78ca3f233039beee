import { backend, getKernel, registerKernel } from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { normalizeLayer } from './layer-norm';
import { optimizerStep } from './optimizer-step';
import { isWebGpuBackend } from './webgpu-backend';

const KERNELS = { OptimizerStep: optimizerStep, NormalizeLayer: normalizeLayer };

/** Adds our kernels to the current engine, WebGPU. Does nothing where they are present, or where the engine has other internals than 4.22. */
export function registerWebGpuKernels(): void {
  if (!isWebGpuBackend(backend())) return;
  for (const [kernelName, run] of Object.entries(KERNELS)) {
    if (getKernel(kernelName, 'webgpu')) continue;
    registerKernel({ kernelName, backendName: 'webgpu', kernelFunc: run as unknown as KernelFunc });
  }
}
