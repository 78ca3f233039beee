import { isWasmBackend } from '../wasm-backend';
import type { EmscriptenModule, WasmBackend } from '../wasm-backend';
import { simdSupport } from './detect';
import type { SimdExports } from './simd-exports';
import { SimdModule } from './simd-module';
import { ThreadPool } from './thread-pool';
import { moduleBytes } from './variants';
import { controlBytes } from './worker-source';

/** `auto` takes the best variant that the host supports. */
export type SimdChoice = 'auto' | 'relaxed' | 'plain' | 'off';

interface Loaded {
  readonly choice: SimdChoice;
  readonly module: SimdModule | undefined;
}

const loaded = /* @__PURE__ */ new WeakMap<WasmBackend, Loaded>();

/** Our module on this backend's heap, or undefined where the host or the choice excludes it. */
export function simdModule(backend: WasmBackend, choice: SimdChoice): SimdModule | undefined {
  const known = loaded.get(backend);
  if (known && known.choice === choice) return known.module;
  known?.module?.close();
  const module = load(backend, choice);
  loaded.set(backend, { choice, module });
  return module;
}

function load(backend: WasmBackend, choice: SimdChoice): SimdModule | undefined {
  const simd = resolve(choice);
  if (simd === 'off') return undefined;
  const memory = isWasmBackend(backend) ? heapOf(backend.wasm) : undefined;
  if (!memory) {
    if (choice === 'auto') return undefined;
    throw new Error(
      'registerWasmGradients: the SIMD module depends on internals of @tensorflow/tfjs-backend-wasm 4.22.0, and this ' +
        "version differs. Install 4.22.0, or choose { simd: 'auto' } to continue without the module.",
    );
  }
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  const compiled = new WebAssembly.Module(moduleBytes(simd, shared));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const threads = shared ? threadsOf(backend) : 1;
  const pool = threads > 1 ? startPool(backend, compiled, memory, threads) : undefined;
  return new SimdModule(backend, simd, exports as unknown as SimdExports, memory, pool);
}

const started = /* @__PURE__ */ new WeakMap<WasmBackend, number>();

/**
 * The number of threads that the engine was started with. From then on only ours run: the stock kernels' threads spin for milliseconds after each call, on the cores
 * that ours need, and what is left to stock kernels is small.
 */
function threadsOf(backend: WasmBackend): number {
  const known = started.get(backend);
  if (known !== undefined) return known;
  const { tfjs } = backend.wasm;
  const threads = tfjs?.getThreadsCount() ?? 1;
  started.set(backend, threads);
  if (threads > 1) tfjs!.initWithThreadsCount(1);
  return threads;
}

/** As many threads as the engine has; they end with it. */
function startPool(
  backend: WasmBackend,
  compiled: WebAssembly.Module,
  memory: WebAssembly.Memory,
  threads: number,
): ThreadPool {
  const pool = new ThreadPool(compiled, memory, backend.wasm._malloc(controlBytes(threads)) >>> 0, threads);
  const dispose = backend.dispose.bind(backend);
  backend.dispose = () => {
    pool.close();
    dispose();
  };
  return pool;
}

/** The variant of a choice on this host. */
export function resolve(choice: SimdChoice): 'relaxed' | 'plain' | 'off' {
  const support = simdSupport();
  if (choice === 'auto') return support;
  if (choice === 'off' || choice === support || (choice === 'plain' && support === 'relaxed')) return choice;
  throw new Error(
    `registerWasmGradients: this host has no ${choice} SIMD. Received: simd='${choice}'; it has '${support}'.`,
  );
}

function heapOf(module: EmscriptenModule): WebAssembly.Memory | undefined {
  if (module.wasmMemory) return module.wasmMemory;
  return Object.values(module.asm ?? {}).find((value) => value instanceof WebAssembly.Memory);
}
