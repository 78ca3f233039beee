import { activate } from '../activate';
import type { Backend, EngineOptions } from '../engine';
import { isNode } from '../environment';
import { registerWebGpuKernels } from '../webgpu/register';
import { loadPackage } from './load-package';
import { installWebGpu } from './webgpu-globals';

const PACKAGE = '@tensorflow/tfjs-backend-webgpu';

let removeGlobals: (() => void) | null = null;

/** WebGPU: in current browsers, and in Node through the npm package `webgpu` (Dawn). */
export const webgpu: Backend = {
  name: 'webgpu',
  backend: 'webgpu',
  async start(options) {
    if (isNode() && removeGlobals === null) removeGlobals = await installWebGpu(options.dawnFlags ?? []);
    try {
      const adapter = await findAdapter(options);
      // The package decides at import whether to register, so navigator.gpu must exist by then.
      await loadPackage('webgpu', PACKAGE, options.packages?.webgpu);
      await activate('webgpu', `useEngine('webgpu'): the adapter (${deviceName(adapter)}) did not provide a device.`);
      registerWebGpuKernels();
      return {
        device: deviceName(adapter),
        threads: null,
        memoryLimit: null,
        tensorLimit: Math.min(adapter.limits.maxStorageBufferBindingSize, adapter.limits.maxBufferSize),
      };
    } catch (error) {
      this.stop?.(() => {});
      throw error;
    }
  },
  stop(remove) {
    remove();
    removeGlobals?.();
    removeGlobals = null;
  },
};

async function findAdapter(options: EngineOptions): Promise<GPUAdapter> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (gpu === undefined) {
    throw new Error(
      "useEngine('webgpu'): this browser has no navigator.gpu (or the page is not served over https or localhost).",
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw new Error(
      "useEngine('webgpu'): no GPU adapter was found. In Node on Linux this needs a Vulkan driver (VK_DRIVER_FILES names one).",
    );
  }
  if (options.allowSoftwareAdapter === false && isSoftware(adapter)) {
    throw new Error(`useEngine('webgpu'): the only adapter is software (${deviceName(adapter)}).`);
  }
  return adapter;
}

function deviceName({ info }: GPUAdapter): string {
  return info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed GPU';
}

function isSoftware(adapter: GPUAdapter): boolean {
  const { vendor, architecture, description, device } = adapter.info;
  return (
    adapter.info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|software|basic render/i.test([vendor, architecture, description, device].join(' '))
  );
}
