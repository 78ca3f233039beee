import { engine, getBackend } from '@tensorflow/tfjs-core';

/**
 * Checks that something computes, before tfjs says "No backend found in registry" from deep inside. A backend that was registered without `useEngine` passes.
 *
 * @param where the function that needs one, for the error.
 * @throws Error that says to call useEngine first.
 * @internal
 */
export function requireEngine(where: string): void {
  if (getBackend() || Object.keys(engine().registryFactory).length > 0) return;
  throw new Error(
    `${where}: an engine must run before tensors are made. Received: none. Call this first: await useEngine('auto').`,
  );
}
