import { PARALLEL_KERNELS } from './simd-exports';
import type { ParallelKernel } from './simd-exports';
import { startWorker } from './start-worker';
import {
  ARGUMENTS,
  BYTES,
  FAILED,
  FINISHED,
  JOB,
  KERNEL,
  learn,
  LIMITS,
  NAP,
  newWaiting,
  READY,
  STOP,
  workerSource,
} from './worker-source';

/**
 * Threads that run shares of our kernels on a shared heap. A job is a number in shared memory that the workers wait for,
 * so that a kernel stays a synchronous call. Workers register as they start; until all have started, work is not shared.
 */
export class ThreadPool {
  /** Number of threads including the caller's. */
  readonly threads: number;
  private readonly control: Int32Array;
  private readonly values: Float64Array;
  private readonly waiting = newWaiting();

  /** `pointer` points to `BYTES` of the heap, which the pool owns. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, pointer: number, threads: number) {
    this.threads = threads;
    this.control = new Int32Array(memory.buffer, pointer, BYTES / 4);
    this.values = new Float64Array(memory.buffer, pointer + ARGUMENTS, (BYTES - ARGUMENTS) / 8);
    this.control.fill(0);
    const source = workerSource();
    for (let part = 1; part < threads; part++) {
      startWorker(source, { module, memory, pointer, part, parts: threads, kernels: [...PARALLEL_KERNELS] });
    }
  }

  /** Whether every worker is waiting for work. */
  get ready(): boolean {
    return Atomics.load(this.control, READY) === this.threads - 1;
  }

  /** Runs `own`, the caller's share of a kernel, while the workers run theirs. */
  run(kernel: ParallelKernel, args: readonly number[], own: () => number | void): void {
    const { control } = this;
    this.values[0] = args.length;
    this.values.set(args, 1);
    Atomics.store(control, KERNEL, PARALLEL_KERNELS.indexOf(kernel));
    Atomics.store(control, FINISHED, 0);
    Atomics.store(control, FAILED, 0);
    Atomics.add(control, JOB, 1);
    Atomics.notify(control, JOB);
    try {
      while (own() === 1) if (mayWait) Atomics.wait(control, FINISHED, 0, NAP);
    } finally {
      this.join();
    }
    if (Atomics.load(control, FAILED) !== 0) throw new Error(`${kernel}: a worker thread failed.`);
  }

  /** Makes the workers end. */
  close(): void {
    Atomics.store(this.control, KERNEL, STOP);
    Atomics.add(this.control, JOB, 1);
    Atomics.notify(this.control, JOB);
  }

  private join(): void {
    const workers = this.threads - 1;
    const begun = performance.now();
    const [spins] = this.waiting;
    let turn = 0;
    while (turn < spins && Atomics.load(this.control, FINISHED) !== workers) turn++;
    for (;;) {
      const finished = Atomics.load(this.control, FINISHED);
      if (finished === workers) break;
      if (mayWait) Atomics.wait(this.control, FINISHED, finished, 1);
    }
    learn(this.waiting, turn < spins, performance.now() - begun, ...LIMITS);
  }
}

/** A page's main thread may not block; it spins. */
const mayWait = /* @__PURE__ */ (() => typeof document === 'undefined')();
