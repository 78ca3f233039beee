import { describeWasmKernels } from 'poseblocks/engines/wasm';

/** Waits until so many threads have started. */
export async function threadsStarted(threads: number): Promise<void> {
  while (describeWasmKernels().threads < threads) await new Promise((later) => setTimeout(later, 10));
}
