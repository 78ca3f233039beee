import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import { activate, isRunning } from '../activate';
import type { Backend, EngineOptions } from '../engine';
import { exportsOf, isNode } from '../environment';
import { missingPackage } from '../missing-package';
import { processor } from './cpu';
import { keepHandlers, removeEmscriptenHandlers } from './process-handlers';
import { withProcessors } from './processors';
import { bundledWasmFiles, installedWasmFiles, wasmFilesIn, type WasmFiles } from './wasm-files';
import { threadedWasmBackend } from './wasm-threads';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';
const GIBIBYTE = 2 ** 30;
const NOT_LOADED =
  "useEngine('wasm'): tfjs-backend-wasm*.wasm must be in the expected place. Received: no such files. Copy them from " +
  `node_modules/${PACKAGE}/dist, and name their folder: useEngine('wasm', { wasmPaths: '/wasm/' }).`;

/** WebAssembly with SIMD, with the kernels that training needs added: available everywhere, without a GPU. */
export const wasm: Backend = {
  name: 'wasm',
  backend: 'wasm',
  async start(options) {
    const tfjs = exportsOf(
      await import('@tensorflow/tfjs-backend-wasm').catch(
        missingPackage("useEngine('wasm')", PACKAGE, `${PACKAGE}@4.22.0`),
      ),
    );
    const { registerWasmGradients } = await import('../wasm');
    const runs = isRunning('wasm');
    if (runs) checkThreads(tfjs, options);
    const { winograd = runs ? undefined : true } = options; // the choice is kept while the engine runs
    registerWasmGradients(winograd === undefined ? {} : { winograd });
    await startThreads(tfjs, options).finally(removeEmscriptenHandlers);
    return {
      device: `WebAssembly on ${await processor()}`,
      threads: tfjs.getThreadsCount(),
      memoryLimit: 4 * GIBIBYTE,
      tensorLimit: 2 * GIBIBYTE,
    };
  },
  stop(remove) {
    keepHandlers(remove);
  },
};

async function startThreads(tfjs: typeof tfjsWasm, { threads, wasmPaths }: EngineOptions): Promise<void> {
  if (isNode() && threads !== undefined && threads > 1) {
    return activate('wasm', NOT_LOADED, () => threadedWasmBackend(tfjs, threads));
  }
  const files =
    wasmPaths !== undefined ? wasmFilesIn(wasmPaths) : isNode() ? await installedWasmFiles() : bundledWasmFiles();
  if (files !== undefined) setFiles(tfjs, files);
  if (threads !== undefined) tfjs.setThreadsCount(threads);
  if (threads === undefined || isNode()) return activate('wasm', NOT_LOADED);
  return withProcessors(2 * threads, () => activate('wasm', NOT_LOADED));
}

function setFiles(tfjs: typeof tfjsWasm, files: WasmFiles): void {
  try {
    tfjs.setWasmPaths(files);
  } catch (cause) {
    const again = isNode() ? 'Restart the program' : 'Reload the page';
    throw new Error(
      `useEngine('wasm'): it must start at the first attempt. Received: an earlier attempt, which failed. ${again}.`,
      {
        cause,
      },
    );
  }
}

/** The number of threads is fixed when the engine starts; changing it would lose its tensors. */
function checkThreads(tfjs: typeof tfjsWasm, { threads }: EngineOptions): void {
  const running = tfjs.getThreadsCount();
  if (threads === undefined || threads === running) return;
  throw new Error(
    `useEngine('wasm'): it runs already, with threads=${running}; call disposeEngine() first, which drops its tensors. ` +
      `Received: threads=${threads}.`,
  );
}
