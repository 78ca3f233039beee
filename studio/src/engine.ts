import type { EngineDescription, EngineName } from 'poseblocks/engines';
import { setting } from './settings';

/** The engine that was chosen in an earlier visit. */
export const engineChoice = setting<EngineName | 'auto'>('engine', 'wasm');

let started: Promise<EngineDescription> | undefined;
let description: EngineDescription | undefined;
const listeners = new Set<(description: EngineDescription | undefined) => void>();

export function onEngine(listener: (description: EngineDescription | undefined) => void): void {
  listeners.add(listener);
  listener(description);
}

/** Starts the engine the first time it is needed. */
export function engine(): Promise<EngineDescription> {
  started ??= start().catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

async function start(): Promise<EngineDescription> {
  const { useEngine } = await import('poseblocks/engines');
  const threads = crossOriginIsolated ? Math.min(4, Math.max(1, navigator.hardwareConcurrency)) : 1;
  const packages = {
    webgl: () => import('@tensorflow/tfjs-backend-webgl'),
    webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  };
  const wasmPaths = new URL('./wasm/', document.baseURI).href;
  description = await useEngine(engineChoice.value, { threads, wasmPaths, packages });
  for (const listener of listeners) listener(description);
  return description;
}

/** Takes another engine. What was opened on the old one is closed by its owners when the page begins again. */
export function chooseEngine(name: EngineName | 'auto'): void {
  engineChoice.value = name;
  location.reload();
}
