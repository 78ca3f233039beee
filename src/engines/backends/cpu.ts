import type * as os from 'node:os';
import { activate } from '../activate';
import type { Backend } from '../engine';
import { importNode, isNode } from '../environment';
import { missingPackage } from '../missing-package';

const PACKAGE = '@tensorflow/tfjs-backend-cpu';

/** Plain JavaScript: available everywhere, and slow. */
export const cpu: Backend = {
  name: 'cpu',
  backend: 'cpu',
  async start() {
    await import('@tensorflow/tfjs-backend-cpu').catch(
      missingPackage("useEngine('cpu')", PACKAGE, `${PACKAGE}@4.22.0`),
    );
    await activate('cpu', "useEngine('cpu'): the backend did not start.");
    return { device: `JavaScript on ${await processor()}`, threads: 1, memoryLimit: null, tensorLimit: null };
  },
};

/** The processor's model name, where the host provides it. */
export async function processor(): Promise<string> {
  if (!isNode()) return 'the browser';
  const { cpus } = await importNode<typeof os>('node:os');
  return cpus()[0]?.model.trim() || process.arch;
}
