import { backend, getKernel, registerKernel } from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { optimizerStep } from './optimizer-step';
import { isWebGpuBackend } from './webgpu-backend';

/** Adds our kernels to the current engine, WebGPU. Does nothing where they are present, or where the engine has other internals than 4.22. */
export function registerWebGpuKernels(): void {
  if (getKernel('OptimizerStep', 'webgpu') || !isWebGpuBackend(backend())) return;
  const kernelFunc = optimizerStep as unknown as KernelFunc;
  registerKernel({ kernelName: 'OptimizerStep', backendName: 'webgpu', kernelFunc });
}
