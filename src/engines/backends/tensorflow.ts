import type * as nodeModule from 'node:module';
import type * as os from 'node:os';
import { backend as currentBackend } from '@tensorflow/tfjs-core';
import { activate } from '../activate';
import type { Backend, RunningBackend } from '../engine';
import { importNode, isNode } from '../environment';
import { missingPackage } from '../missing-package';
import { processor } from './cpu';
import { registerExplicitPadding } from './tensorflow-padding';

interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
}

/** TensorFlow's C library in Node, on the CPU. */
export const tfjsNode: Backend = {
  name: 'tfjs-node',
  backend: 'tensorflow',
  start: () => start('tfjs-node', ['@tensorflow/tfjs-node']),
};

/** TensorFlow's C library in Node, on an NVIDIA GPU: `tfjs-node-gpu`, or `tfjs-node` set up with a CUDA build. */
export const cuda: Backend = {
  name: 'cuda',
  backend: 'tensorflow',
  async start() {
    const running = await start('cuda', ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']);
    if (!(currentBackend() as unknown as NodeBackend).isUsingGpuDevice) {
      throw new Error(
        "useEngine('cuda'): TensorFlow runs, but sees no CUDA device (driver, CUDA libraries, or a CPU build).",
      );
    }
    return { ...running, device: 'NVIDIA GPU (CUDA)', threads: null };
  },
};

async function start(name: string, packages: readonly string[]): Promise<RunningBackend> {
  if (!isNode())
    throw new Error(`useEngine('${name}'): runs in Node only. In a browser use 'webgpu', 'webgl' or 'wasm'.`);
  await restoreRemovedUtilities();
  await importFirst(name, packages);
  registerExplicitPadding();
  await activate('tensorflow', `useEngine('${name}'): TensorFlow did not start.`);
  const { availableParallelism } = await importNode<typeof os>('node:os');
  return {
    device: `TensorFlow on ${await processor()}`,
    threads: availableParallelism(),
    memoryLimit: null,
    tensorLimit: null,
  };
}

async function importFirst(name: string, packages: readonly string[]): Promise<void> {
  const where = `useEngine('${name}')`;
  const failures: unknown[] = [];
  for (const specifier of packages) {
    try {
      await importNode(specifier).catch(missingPackage(where, specifier, `${specifier}@4.22.0 --ignore-scripts`));
      return;
    } catch (error) {
      failures.push(error);
    }
  }
  const why = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('\n');
  throw new Error(
    `${why}\nIf the package's installer does not provide a working TensorFlow: npx poseblocks setup tfjs-node`,
    {
      cause: failures[0],
    },
  );
}

/** tfjs-node 4.22 calls two functions of `node:util` that Node 23 removed. */
async function restoreRemovedUtilities(): Promise<void> {
  const { createRequire } = await importNode<typeof nodeModule>('node:module');
  const util = createRequire(`${process.cwd()}/`)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
