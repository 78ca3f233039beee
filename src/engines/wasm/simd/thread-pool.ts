import { PARALLEL_KERNELS } from './simd-exports';
import type { ParallelKernel } from './simd-exports';
import { startWorker } from './start-worker';
import {
  ARGUMENTS,
  CLAIMED,
  FAILED,
  FINISHED,
  JOB,
  KERNEL,
  learn,
  LIMITS,
  MOST_ARGUMENTS,
  NAP,
  newWaiting,
  PIECES,
  READY,
  STOP,
  STRIDE,
  takePieces,
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

  /** `pointer` points to `controlBytes` of the heap, which the pool owns. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, pointer: number, threads: number) {
    this.threads = threads;
    this.control = new Int32Array(memory.buffer, pointer, CLAIMED + threads);
    this.values = new Float64Array(memory.buffer, pointer + ARGUMENTS, MOST_ARGUMENTS);
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

  /**
   * Runs a kernel in all threads; `own` runs a piece of it in the caller's.
   *
   * @param args all arguments but the kernel's last two; the last one is `stride` higher for each thread
   * @param pieces number of pieces of a thread's share, which the others take over when it is slower; kernels that wait for one another must have one
   */
  run(
    kernel: ParallelKernel,
    args: readonly number[],
    { pieces, stride }: { readonly pieces: number; readonly stride: number },
    own: (piece: number, of: number) => number | void,
  ): void {
    const { control } = this;
    control[PIECES] = pieces;
    control[STRIDE] = stride;
    control.fill(0, CLAIMED);
    this.values[0] = args.length;
    this.values.set(args, 1);
    Atomics.store(control, KERNEL, PARALLEL_KERNELS.indexOf(kernel));
    Atomics.store(control, FINISHED, 0);
    Atomics.store(control, FAILED, 0);
    Atomics.add(control, JOB, 1);
    Atomics.notify(control, JOB);
    try {
      takePieces(control, CLAIMED, 0, this.threads, pieces, (piece, of) => {
        while (own(piece, of) === 1) if (mayWait) Atomics.wait(control, FINISHED, 0, NAP);
      });
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
