import type * as workerThreads from 'node:worker_threads';
import type { WorkerStart } from './worker-source';

interface NodeProcess {
  getBuiltinModule?(name: string): typeof workerThreads | undefined;
}

/** Runs `source`, a function of its start data, in a separate thread that does not keep the process alive. */
export function startWorker(source: string, start: WorkerStart): void {
  const threads = nodeThreads();
  if (threads) {
    const script = `(${source})(require('worker_threads').workerData)`;
    new threads.Worker(script, { eval: true, workerData: start, execArgv: [] }).unref();
    return;
  }
  const script = `onmessage = ({ data }) => { (${source})(data); close(); }`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.postMessage(start);
  URL.revokeObjectURL(url);
}

/** Node's threads, resolved without an import that a bundler for browsers would follow. */
function nodeThreads(): typeof workerThreads | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.('node:worker_threads');
}
