import {
  engine,
  findBackendFactory,
  getBackend,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';

type Factory = Parameters<typeof registerBackend>[1];

/** Factories of removed backends: their packages register only once, on import, so a restart must register them again. */
const factories = new Map<string, Factory>();

/** Whether a backend has been started and holds tensors, current or not. */
export function isRunning(backend: string): boolean {
  return engine().registry[backend] !== undefined;
}

/** Whether a backend's package has been imported, here or by the program. */
export function isRegistered(backend: string): boolean {
  return findBackendFactory(backend) !== null || factories.has(backend);
}

/**
 * Makes a backend current and waits until it is ready. If it does not start, the function restores the previous backend and throws `failure`.
 *
 * @param own creates the backend, in place of its package's factory, where it does not run yet.
 */
export async function activate(backend: string, failure: string, own?: Factory): Promise<void> {
  const previous = getBackend() as string | undefined;
  const registered = findBackendFactory(backend) as Factory | null;
  if (registered !== null && !factories.has(backend)) factories.set(backend, registered);
  if (!isRunning(backend)) register(backend, failure, own);
  if (await setBackend(backend)) return;
  removeBackend(backend);
  if (previous) await setBackend(previous);
  throw new Error(failure);
}

function register(backend: string, failure: string, own?: Factory): void {
  if (findBackendFactory(backend) !== null) removeBackend(backend);
  const factory = own ?? factories.get(backend);
  if (factory === undefined) throw new Error(failure);
  registerBackend(backend, factory);
}
