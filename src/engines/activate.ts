import { findBackendFactory, getBackend, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';

type Factory = Parameters<typeof registerBackend>[1];

/** Factories of removed backends: their packages register once, on import, so a second start must do it again. */
const factories = new Map<string, Factory>();

/** Makes a backend current and waits for it. Throws `failure`, with the previous one current again, where it does not come up. */
export async function activate(backend: string, failure: string): Promise<void> {
  const factory = findBackendFactory(backend) ?? factories.get(backend);
  if (factory === undefined) throw new Error(failure);
  factories.set(backend, factory);
  if (findBackendFactory(backend) === null) registerBackend(backend, factory);
  const previous = getBackend() as string | undefined;
  if (await setBackend(backend)) return;
  removeBackend(backend);
  if (previous) await setBackend(previous);
  throw new Error(failure);
}
