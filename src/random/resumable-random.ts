/** A generator whose state is plain data, so that a checkpoint can keep it. */
export interface ResumableRandom {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  state(): unknown;
  /** @throws TypeError when the state is not a number. */
  restore(state: unknown): void;
}

/**
 * A small seeded generator whose state can be saved in a checkpoint: mulberry32 (Ettinger 2017), with a period of 2³².
 *
 * Augmentation that draws by (seed, epoch, index), as in `poseblocks/datasets`, does not need it. It is for sources that keep
 * state. `fit` saves the state at the start of each epoch and draws the epoch's batches again when it resumes.
 *
 * @example
 * import { resumableRandom } from 'poseblocks/random';
 * const random = resumableRandom(1);
 * fit(network, { random, batches: (epoch) => augmented(random.next), … });
 */
export function resumableRandom(seed: number): ResumableRandom {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
    state: () => state,
    restore: (saved) => {
      if (typeof saved !== 'number') {
        throw new TypeError(`resumableRandom: the state must be a number. Received: ${typeof saved}.`);
      }
      state = saved >>> 0;
    },
  };
}
