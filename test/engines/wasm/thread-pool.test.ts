import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ThreadPool } from '../../../src/engines/wasm/simd/thread-pool';
import { moduleBytes } from '../../../src/engines/wasm/simd/variants';
import { FINISHED, JOB, learn, LIMITS, newWaiting, takePieces } from '../../../src/engines/wasm/simd/worker-source';

const CONTROL = 1024;
const [DY, Y, OUT] = [4096, 8192, 12288];
const COUNT = 64;

const pause = (milliseconds: number): Promise<void> => new Promise((later) => setTimeout(later, milliseconds));

/** Keeps the processor, as a thread does that has lost its core to another. */
function lose(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until;);
}

describe('how long a thread looks before it sleeps', () => {
  const [fewest, most, longest] = LIMITS;

  test('long after a sleep that a long look would have spared, not after a longer one', () => {
    const waiting = newWaiting();
    learn(waiting, false, 2 * longest, ...LIMITS);
    expect(waiting[0]).toBe(fewest);
    learn(waiting, false, longest / 2, ...LIMITS);
    expect(waiting[0]).toBe(most);
    learn(waiting, true, longest / 2, ...LIMITS);
    expect(waiting[0]).toBe(most);
  });

  test('on a core that is shared, where no long look succeeds, it looks long once in a thousand', () => {
    const waiting = newWaiting();
    let long = 0;
    for (let i = 0; i < 20_000; i++) {
      if (waiting[0] === most) long++;
      learn(waiting, false, waiting[0] === most ? 10 * longest : longest / 2, ...LIMITS);
    }
    expect(long).toBeGreaterThan(20); // it goes on trying
    expect(long).toBeLessThan(40);
  });

  test('after one success it is patient no longer', () => {
    const waiting = newWaiting();
    for (let i = 0; i < 5000; i++) learn(waiting, false, waiting[0] === most ? 10 * longest : longest / 2, ...LIMITS);
    while (waiting[0] !== most) learn(waiting, false, longest / 2, ...LIMITS);
    learn(waiting, true, longest / 2, ...LIMITS);
    learn(waiting, false, 10 * longest, ...LIMITS);
    let waits = 0;
    for (; waiting[0] !== most; waits++) learn(waiting, false, longest / 2, ...LIMITS);
    expect(waits).toBe(2);
  });
});

describe('which pieces a thread runs', () => {
  const pieces = (control: Int32Array, part: number, each: number): number[] => {
    const taken: number[] = [];
    takePieces(control, 0, part, 3, each, (piece, of) => {
      expect(of).toBe(3 * each);
      taken.push(piece);
    });
    return taken;
  };

  test('its own share where that is in one piece, which nobody takes over', () => {
    const control = new Int32Array(3);
    expect([0, 1, 2].map((part) => pieces(control, part, 1))).toEqual([[0], [1], [2]]);
  });

  test('all of them where the others do not come, its own first', () => {
    const control = new Int32Array(3);
    expect(pieces(control, 1, 2)).toEqual([2, 3, 4, 5, 0, 1]);
    expect(pieces(control, 0, 2)).toEqual([]);
  });

  test('what the others have left, each piece once', () => {
    const control = new Int32Array([2, 0, 1]); // of three each
    expect(pieces(control, 1, 3)).toEqual([3, 4, 5, 7, 8, 2]);
  });
});

describe.each([2, 3])('%i threads on one heap', (threads) => {
  let memory: WebAssembly.Memory;
  let pool: ThreadPool;
  let own: (piece: number, of: number) => void;
  let pieces: number;

  beforeEach(async () => {
    memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    const module = new WebAssembly.Module(moduleBytes('plain', true));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const reluGradient = exports['reluGradient'] as (...args: number[]) => void;
    own = (piece, of) => reluGradient(DY, Y, OUT, COUNT, piece, of);
    pieces = 1;
    pool = new ThreadPool(module, memory, CONTROL, threads);
    while (!pool.ready) await pause(1);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    pool.close();
  });

  const control = (): Int32Array => new Int32Array(memory.buffer, CONTROL, 16);
  const run = (): void => pool.run('reluGradient', [DY, Y, OUT, COUNT], { pieces, stride: 0 }, own);

  /** Runs a job on values of its own, and says whether all of the result is there. */
  function isRight(job: number): boolean {
    new Float32Array(memory.buffer, DY, COUNT).fill(job);
    new Float32Array(memory.buffer, Y, COUNT).fill(1);
    new Float32Array(memory.buffer, OUT, COUNT).fill(-1);
    run();
    return new Float32Array(memory.buffer, OUT, COUNT).every((value) => value === job);
  }

  test('does a job once, however often it is woken', async () => {
    run();
    for (let i = 0; i < 5; i++) {
      await pause(5); // by now the workers sleep
      Atomics.notify(control(), JOB);
    }
    await pause(20);
    expect(Atomics.load(control(), FINISHED)).toBe(threads - 1);
  });

  test('goes on where the caller loses its core before it wakes the others', () => {
    const notify = Atomics.notify.bind(Atomics);
    let calls = 0;
    vi.spyOn(Atomics, 'notify').mockImplementation((...args) => {
      if (++calls % 2 === 1) return notify(...args); // the worker then waits awake for the next job
      lose(1);
      const woken = notify(...args);
      lose(1); // a share of its own that takes longer than the workers'
      return woken;
    });
    for (let job = 1; job <= 200; job++) {
      run();
      run();
      run();
      expect(isRight(job)).toBe(true);
    }
  });

  test('calls its own share again for as long as it waits for the others', () => {
    const answers = [1, 1, 0];
    pool.run('reluGradient', [DY, Y, OUT, COUNT], { pieces: 1, stride: 0 }, () => answers.shift()!);
    expect(answers).toEqual([]);
  });

  test('gets all pieces done, whoever runs them', () => {
    pieces = 4;
    for (let job = 1; job <= 2000; job++) {
      if (!isRight(job)) expect.fail(`job ${job} is incomplete`);
    }
  });

  test('gives each thread a last argument of its own', () => {
    const [stride, most] = [16, 256];
    new Float32Array(memory.buffer, DY, most).fill(3);
    new Float32Array(memory.buffer, Y, most).fill(1);
    new Float32Array(memory.buffer, OUT, most).fill(-1);
    pool.run('reluGradient', [DY, Y, OUT, COUNT], { pieces: 1, stride }, own);
    // The last thread's count reaches furthest.
    expect(new Float32Array(memory.buffer, OUT, most).lastIndexOf(3)).toBe(COUNT + stride * (threads - 1) - 1);
  });

  test('goes on through many small jobs while the heap grows', () => {
    for (let job = 1; job <= 20_000; job++) {
      if (job % 1000 === 0) memory.grow(16);
      if (!isRight(job)) expect.fail(`job ${job} is incomplete`);
    }
  });
});
