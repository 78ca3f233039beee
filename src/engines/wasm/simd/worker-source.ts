/** The layout of the control block on the shared heap: 32-bit words, then the job's arguments as doubles. */
export const JOB = 0;
export const KERNEL = 1;
export const FINISHED = 2;
export const FAILED = 3;
export const READY = 4;
export const ARGUMENTS = 64;
export const BYTES = 256;

/** Milliseconds that a thread sleeps when a kernel lets it wait for the others, which do not notify it. */
export const NAP = 0.05;

/**
 * How often a thread looks for what it waits for before it sleeps: at most some 0.7 ms, longer than it takes to call the next kernel. A wait in vain halves
 * the next one, down to `FEWEST_SPINS`, since then others may need the core; one that ends in time doubles it.
 */
export const MOST_SPINS = 100_000;
export const FEWEST_SPINS = 3000;

/** The kernel number that ends a worker. */
export const STOP = -1;

/** The start data of a worker. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly pointer: number;
  readonly part: number;
  readonly parts: number;
  readonly kernels: readonly string[];
}

/**
 * A worker waits for a new job number, runs its share, and counts itself as finished.
 *
 * A notification alone does not mean a new job. The caller increments the number and then notifies; if it loses its core in
 * between, a spinning worker sees the number, does the job, and sleeps again before that notification arrives.
 */
export const workerSource: string = `({ module, memory, pointer, part, parts, kernels }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const control = new Int32Array(memory.buffer, pointer, ${BYTES / 4});
  const values = new Float64Array(memory.buffer, pointer + ${ARGUMENTS}, ${(BYTES - ARGUMENTS) / 8});
  let job = 0;
  let spins = ${FEWEST_SPINS};
  Atomics.add(control, ${READY}, 1);
  for (;;) {
    let turn = 0;
    while (turn < spins && Atomics.load(control, ${JOB}) === job) turn++;
    spins = turn < spins ? Math.min(${MOST_SPINS}, 2 * spins) : Math.max(${FEWEST_SPINS}, spins / 2);
    while (Atomics.load(control, ${JOB}) === job) Atomics.wait(control, ${JOB}, job);
    job = Atomics.load(control, ${JOB});
    const kernel = Atomics.load(control, ${KERNEL});
    if (kernel === ${STOP}) return;
    try {
      while (exports[kernels[kernel]](...values.subarray(1, 1 + values[0]), part, parts) === 1) Atomics.wait(control, ${JOB}, job, ${NAP});
    } catch {
      Atomics.store(control, ${FAILED}, 1);
    }
    Atomics.add(control, ${FINISHED}, 1);
    Atomics.notify(control, ${FINISHED});
  }
}`;
