import { findBackendFactory, getBackend, removeBackend } from '@tensorflow/tfjs-core';
import { knownOptions } from '../bytes';
import { cpu } from './backends/cpu';
import { cuda, tfjsNode } from './backends/tensorflow';
import { wasm } from './backends/wasm';
import { webgl } from './backends/webgl';
import { webgpu } from './backends/webgpu';
import type { Backend, EngineDescription, EngineName, EngineOptions, RunningBackend } from './engine';
import { exportsOf, isNode } from './environment';
import { registerGradients } from './gradients/register-gradients';
import { warnOfTwoCopies } from './one-tfjs';
import { missingKernels } from './training-kernels';

const BACKENDS: Readonly<Record<EngineName, Backend>> = { cuda, webgpu, webgl, 'tfjs-node': tfjsNode, wasm, cpu };

const BEST_FIRST: Readonly<Record<'node' | 'browser', readonly EngineName[]>> = {
  node: ['cuda', 'webgpu', 'tfjs-node', 'wasm', 'cpu'],
  browser: ['webgpu', 'webgl', 'wasm', 'cpu'],
};

interface Active {
  readonly backend: Backend;
  readonly running: RunningBackend;
  readonly reason: string;
}

let active: Active | null = null;

/**
 * Starts an engine and makes it the current TensorFlow.js backend, with the kernels that training needs added.
 *
 * `'auto'` takes the first engine that runs of cuda, webgpu, tfjs-node, wasm, cpu in Node, and of webgpu, webgl, wasm, cpu in a
 * browser; a software WebGPU adapter counts only with `allowSoftwareAdapter`. The packages of engines are optional:
 * only those of the requested engines are imported.
 *
 * @returns the running engine, and the reason for the choice.
 * @throws Error where the engine cannot run, with the install command when a package is missing.
 *
 * @example
 * import { useEngine } from 'poseblocks/engines';
 * const engine = await useEngine('auto');
 * console.log(engine.name, engine.device, engine.reason);
 */
export async function useEngine(
  name: EngineName | 'auto' = 'auto',
  options: EngineOptions = {},
): Promise<EngineDescription> {
  checkOptions(name, options);
  const { Sequential } = exportsOf(await import('@tensorflow/tfjs-layers')); // registers the stock gradients, which tfjs-core lacks
  active = name === 'auto' ? await startBest(options) : await startNamed(name, options);
  registerGradients(); // after the engine, because engine packages register their own stock gradients
  warnOfTwoCopies(Sequential);
  return describe(active);
}

/**
 * Describes the engine that {@link useEngine} started.
 *
 * @throws Error when no engine is running.
 *
 * @example
 * await useEngine('wasm');
 * const { device, threads, missingKernels } = describeEngine();
 */
export function describeEngine(): EngineDescription {
  if (active === null || getBackend() !== active.backend.backend) {
    throw new Error(
      `describeEngine: no engine was started. Call useEngine() first. Received: backend ${String(getBackend())}.`,
    );
  }
  return describe(active);
}

/**
 * Stops the engine that {@link useEngine} started: frees its memory, its threads, and every global that it set. Tensors on it are
 * lost. Does nothing when no engine runs.
 *
 * @example disposeEngine(); await useEngine('wasm', { threads: 2 });
 */
export function disposeEngine(): void {
  if (active === null) return;
  const { backend } = active;
  active = null;
  end(backend);
}

async function startNamed(name: EngineName, options: EngineOptions): Promise<Active> {
  const backend = BACKENDS[name];
  return { backend, running: await start(backend, options), reason: 'requested by name' };
}

async function startBest(options: EngineOptions): Promise<Active> {
  const passedOver: string[] = [];
  const candidate = { ...options, allowSoftwareAdapter: options.allowSoftwareAdapter ?? false };
  for (const name of BEST_FIRST[isNode() ? 'node' : 'browser']) {
    try {
      const running = await start(BACKENDS[name], candidate);
      const reason = ['the best engine available', ...passedOver].join('; ');
      if (name === 'cpu') warnOfCpu(passedOver);
      return { backend: BACKENDS[name], running, reason };
    } catch (error) {
      passedOver.push(`not ${name}: ${firstLine(error)}`);
    }
  }
  throw new Error(`useEngine('auto'): no engine runs here.\n${passedOver.join('\n')}`);
}

let warned = false;

function warnOfCpu(passedOver: readonly string[]): void {
  if (warned) return;
  warned = true;
  // eslint-disable-next-line no-console -- without it, users would wait for minutes without knowing why
  console.warn(
    `useEngine('auto'): plain JavaScript ('cpu') is the only engine that runs here, about a hundred times slower than the others. ` +
      `Why no other does:\n${passedOver.join('\n')}`,
  );
}

async function start(backend: Backend, options: EngineOptions): Promise<RunningBackend> {
  try {
    return await backend.start(options);
  } catch (error) {
    if (active?.backend !== backend) end(backend);
    throw error;
  }
}

function end({ backend, stop }: Backend): void {
  const remove = (): void => {
    if (findBackendFactory(backend) !== null) removeBackend(backend);
  };
  if (stop) stop(remove);
  else remove();
}

function describe({ backend, running, reason }: Active): EngineDescription {
  const { name, backend: tfjsName } = backend;
  return { name, backend: tfjsName, ...running, reason, missingKernels: missingKernels(tfjsName) };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0]!.replace(/^useEngine(\('[^']*'\))?: /, '');
}

function checkOptions(name: string, options: EngineOptions): void {
  const known = ['threads', 'wasmPaths', 'packages', 'winograd', 'allowSoftwareAdapter', 'dawnFlags'] as const;
  const { threads, winograd, wasmPaths, packages = {} } = knownOptions('useEngine', options, known);
  if (name !== 'auto' && !Object.hasOwn(BACKENDS, name)) {
    throw new RangeError(
      `useEngine: name must be 'auto' or one of ${Object.keys(BACKENDS).join(', ')}. Received: ${name}.`,
    );
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new RangeError(`useEngine: threads must be an integer of at least 1. Received: threads=${threads}.`);
  }
  if (winograd !== undefined && typeof winograd !== 'boolean' && winograd !== '2x2') {
    throw new RangeError(`useEngine: winograd must be true, false or '2x2'. Received: ${String(winograd)}.`);
  }
  if (wasmPaths !== undefined && typeof wasmPaths !== 'string') {
    throw new TypeError(
      `useEngine: wasmPaths must be the URL of a folder, such as '/wasm/'. Received: ${typeof wasmPaths}.`,
    );
  }
  for (const [key, load] of Object.entries(packages)) {
    if ((key === 'webgl' || key === 'webgpu') && typeof load === 'function') continue;
    throw new TypeError(
      `useEngine: packages must be functions that import, such as { webgl: () => import('@tensorflow/tfjs-backend-webgl') }. Received: ${key}, ${typeof load}.`,
    );
  }
}
