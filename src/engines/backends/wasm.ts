import { activate } from '../activate';
import type { Backend } from '../engine';
import { exportsOf } from '../environment';
import { missingPackage } from '../missing-package';
import { processor } from './cpu';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const GIBIBYTE = 2 ** 30;

/** WebAssembly with SIMD, completed with the kernels that training needs: everywhere, with no GPU. */
export const wasm: Backend = {
  name: 'wasm',
  backend: 'wasm',
  async start({ wasmPaths }) {
    const backend = exportsOf(
      await import('@tensorflow/tfjs-backend-wasm').catch(
        missingPackage("useEngine('wasm')", PACKAGE, `${PACKAGE}@4.22.0`),
      ),
    );
    if (wasmPaths !== undefined) backend.setWasmPaths(wasmPaths);
    const { registerWasmGradients } = await import('../wasm');
    await registerWasmGradients();
    await activate(
      'wasm',
      "useEngine('wasm'): the WebAssembly module did not load. In a browser, serve tfjs-backend-wasm*.wasm (from " +
        `node_modules/${PACKAGE}/dist) and pass their folder as wasmPaths.`,
    );
    return {
      device: `WebAssembly on ${await processor()}`,
      threads: backend.getThreadsCount(),
      memoryLimit: 4 * GIBIBYTE,
      tensorLimit: 2 * GIBIBYTE,
    };
  },
};
