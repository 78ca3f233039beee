/** The layout of the control block on the shared heap: 32-bit words, then the job's arguments as doubles. */
export const JOB = 0;
export const KERNEL = 1;
export const FINISHED = 2;
export const FAILED = 3;
export const READY = 4;
export const PIECES = 5;
export const STRIDE = 6;
export const ARGUMENTS = 64;
export const CLAIMED = 64;

/** Bytes of the control block: after the arguments, the number of pieces that were taken of each thread's share. */
export const controlBytes = (threads: number): number => 4 * (CLAIMED + threads);

/** Milliseconds that a thread sleeps when a kernel lets it wait for the others, which do not notify it. */
export const NAP = 0.05;

/** How often a thread looks for what it waits for before it sleeps: long, some `LONG_WAIT` milliseconds, which most calls of the next kernel take less than; or short. */
const MOST_SPINS = 100_000;
const FEWEST_SPINS = 3000;
const LONG_WAIT = 0.7;

/** How a thread waits: how often it looks, how many short waits it keeps looking shortly for, and how many the next time. */
export type Waiting = [spins: number, short: number, patience: number];

export const newWaiting = (): Waiting => [FEWEST_SPINS, 1, 1];

/**
 * Learns from a wait: to wake a thread costs more than a long look, but a look in vain takes the core from others. After sleeps that a long look would have spared it
 * looks long; after a long look in vain, as where two threads share a core, it looks shortly, twice as often each time, until one succeeds. Workers run its source, which a
 * bundler may rewrite: it uses nothing from outside, and nothing that needs a helper.
 *
 * @param inTime whether what it waited for came while it looked
 * @param elapsed milliseconds until it came
 */
export function learn(
  waiting: Waiting,
  inTime: boolean,
  elapsed: number,
  fewest: number,
  most: number,
  longest: number,
): void {
  if (waiting[0] === most) {
    waiting[2] = inTime ? 1 : Math.min(1024, 2 * waiting[2]);
    waiting[1] = waiting[2];
    if (!inTime) waiting[0] = fewest;
  } else if (!inTime && elapsed < longest) {
    waiting[1] -= 1;
    if (waiting[1] <= 0) waiting[0] = most;
  }
}

/** The last arguments of {@link learn}. */
export const LIMITS: readonly [fewest: number, most: number, longest: number] = [FEWEST_SPINS, MOST_SPINS, LONG_WAIT];

/**
 * Runs the pieces of a thread's share, then what the others have left of theirs, so that a core that is busy with something else holds up nobody for long; of a share in one
 * piece only its own. Workers run its source, as that of {@link learn}.
 *
 * @param claimed place in `control` of the number of pieces that were taken of each share
 */
export function takePieces(
  control: Int32Array,
  claimed: number,
  part: number,
  parts: number,
  pieces: number,
  run: (piece: number, of: number) => void,
): void {
  if (pieces === 1) {
    run(part, parts);
    return;
  }
  for (let i = 0; i < parts; i++) {
    const owner = (part + i) % parts;
    for (;;) {
      const piece = Atomics.add(control, claimed + owner, 1);
      if (piece >= pieces) break;
      run(owner * pieces + piece, parts * pieces);
    }
  }
}

/** The kernel number that ends a worker. */
export const STOP = -1;

/** Room for the number of arguments and the arguments. */
export const MOST_ARGUMENTS: number = (4 * CLAIMED - ARGUMENTS) / 8;

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
export const workerSource = (): string => `({ module, memory, pointer, part, parts, kernels }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const control = new Int32Array(memory.buffer, pointer, ${CLAIMED} + parts);
  const values = new Float64Array(memory.buffer, pointer + ${ARGUMENTS}, ${MOST_ARGUMENTS});
  const learn = ${learn.toString()};
  const takePieces = ${takePieces.toString()};
  const waiting = ${JSON.stringify(newWaiting())};
  let job = 0;
  Atomics.add(control, ${READY}, 1);
  for (;;) {
    const begun = performance.now();
    let turn = 0;
    while (turn < waiting[0] && Atomics.load(control, ${JOB}) === job) turn++;
    const inTime = turn < waiting[0];
    while (Atomics.load(control, ${JOB}) === job) Atomics.wait(control, ${JOB}, job);
    learn(waiting, inTime, performance.now() - begun, ${LIMITS.join(', ')});
    job = Atomics.load(control, ${JOB});
    const kernel = Atomics.load(control, ${KERNEL});
    if (kernel === ${STOP}) return;
    const args = [...values.subarray(1, 1 + values[0])];
    args[args.length - 1] += part * control[${STRIDE}];
    try {
      takePieces(control, ${CLAIMED}, part, parts, control[${PIECES}], (piece, of) => {
        while (exports[kernels[kernel]](...args, piece, of) === 1) Atomics.wait(control, ${JOB}, job, ${NAP});
      });
    } catch {
      Atomics.store(control, ${FAILED}, 1);
    }
    Atomics.add(control, ${FINISHED}, 1);
    Atomics.notify(control, ${FINISHED});
  }
}`;
