import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tfjsWasm from '@tensorflow/tfjs-backend-wasm';
import type * as fs from 'node:fs/promises';
import type * as nodeModule from 'node:module';
import type * as os from 'node:os';
import type * as path from 'node:path';
import type * as vm from 'node:vm';
import type * as workerThreads from 'node:worker_threads';
import { importNode } from '../environment';
import { resolveInstalled } from './wasm-files';

interface EmscriptenModule {
  cwrap(name: string, result: string | null, parameters: readonly string[]): unknown;
}
type WasmModule = BackendWasm['wasm'] & EmscriptenModule;
type Factory = (config: object) => Promise<WasmModule>;

const SCRIPT = 'tfjs-backend-wasm-threaded-simd.js';

/**
 * Starts the threaded build of tfjs-backend-wasm in Node, where the package itself does not use it.
 *
 * Emscripten's script of the build installs process-wide exception handlers, sets `globalThis.Worker`, and asks
 * `os` for the processors and halves their number. It is therefore compiled as a function with our own `process`, `global`, `require`
 * and `Worker`, so that nothing outside it changes. It depends on package-private files of 4.22.0.
 */
export async function threadedWasmBackend(tfjs: typeof tfjsWasm, threads: number): Promise<BackendWasm> {
  const folder = await scriptFolder();
  // Unreferenced workers do not keep the process alive, even while they start.
  const hold = setInterval(() => {}, 2 ** 30);
  try {
    const createModule = await compileScript(folder, threads);
    const module = await createModule({
      locateFile: (file: string) => folder + file,
      mainScriptUrlOrBlob: folder + SCRIPT,
    });
    bindRuntime(module);
    tfjs.setThreadsCount(threads);
    return new tfjs.BackendWasm(module);
  } finally {
    clearInterval(hold);
  }
}

async function scriptFolder(): Promise<string> {
  const { dirname, sep } = await importNode<typeof path>('node:path');
  return dirname(await resolveInstalled(`@tensorflow/tfjs-backend-wasm/wasm-out/${SCRIPT}`)) + sep;
}

async function compileScript(folder: string, threads: number): Promise<Factory> {
  const { readFile } = await importNode<typeof fs>('node:fs/promises');
  const { compileFunction } = await importNode<typeof vm>('node:vm');
  const { createRequire } = await importNode<typeof nodeModule>('node:module');
  const { cpus } = await importNode<typeof os>('node:os');
  const require = createRequire(folder + SCRIPT);
  const Worker = await pthreadWorker(require('./tfjs-backend-wasm-threaded-simd.worker.js').wasmWorkerContents);

  const source = await readFile(folder + SCRIPT, 'utf8');
  const pool = source.replace('pthreadPoolSize=8', `pthreadPoolSize=${threads}`);
  if (pool === source) {
    throw new Error(
      "useEngine('wasm'): threads need tfjs-backend-wasm 4.22.0. Run: npm install @tensorflow/tfjs-backend-wasm@4.22.0",
    );
  }
  const modules: Readonly<Record<string, unknown>> = {
    worker_threads: { Worker },
    os: { cpus: () => new Array(2 * threads).fill(cpus()[0]) }, // it uses half of them, assuming hyper-threads
  };
  const scope: Readonly<Record<string, unknown>> = {
    module: { exports: {} },
    exports: {},
    require: (name: string) => modules[name] ?? require(name),
    process: Object.assign(Object.create(process), { argv: [], on() {}, removeListener() {}, listeners: () => [] }),
    global: {},
    Worker,
    __filename: folder + SCRIPT,
    __dirname: folder.slice(0, -1),
  };
  const run = compileFunction(pool, Object.keys(scope), { filename: folder + SCRIPT });
  run(...Object.values(scope));
  return (scope['module'] as { exports: Factory }).exports;
}

/** A worker that runs the package's worker script, which is stored there as a string, and does not keep the process alive. */
async function pthreadWorker(script: string): Promise<unknown> {
  const { Worker } = await importNode<typeof workerThreads>('node:worker_threads');
  // The package stores the script as a template literal, in which the escapes within its strings became characters.
  const code = `globalThis.__filename = 'worker.js';${script.replace(/\n/g, '\\n')}`;
  return class extends Worker {
    constructor() {
      super(code, { eval: true, execArgv: [] });
      this.unref();
    }
    override ref(): void {}
  };
}

/** The properties that the package's initialisation adds to the module. */
function bindRuntime(module: WasmModule): void {
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  } as WasmModule['tfjs'];
}
