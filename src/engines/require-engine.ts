import { engine, getBackend } from '@tensorflow/tfjs-core';

/**
 * Checks that something computes, before tfjs says "No backend found in registry" from deep inside. A backend that was registered without `useEngine` passes.
 *
 * @param where the function that needs one, for the error.
 * @throws Error that says to call useEngine first.
 * @internal
 */
export function requireEngine(where: string): void {
  if (!getBackend() && !Object.keys(engine().registryFactory).length)
    throw new Error(`${where}: await useEngine('auto') must come first. Received: no engine.`);
}
