import * as tf from '@tensorflow/tfjs-core';
import type { Callback } from '../fit/callbacks';
import { endRun, type GuardOptions } from './fault';

/** Of the steps in a window, how many must add tensors: what others keep for a step and free in the next is no leak, and hides none. */
const MOST = 0.8;

/**
 * Finds tensors that are never disposed: their number grew in most of the last `window` steps (default: 10).
 *
 * @example
 * fit(network, { callbacks: [guardLeaks()], … });
 */
export function guardLeaks(options: GuardOptions & { readonly window?: number } = {}): Callback {
  const { window = 10, onFault = endRun } = options;
  let counts: number[] = [];
  return {
    onEpoch: () => {
      counts = []; // validation may keep what it likes
    },
    onStep({ epoch, step }) {
      const { numTensors } = tf.memory();
      counts = [...counts, numTensors].slice(-window - 1);
      if (counts.length <= window) return;
      const grown = counts.slice(1).map((count, i) => count - counts[i]!);
      if (grown.filter((growth) => growth > 0).length < MOST * window || numTensors <= counts[0]!) return;
      counts = [];
      const each = grown.sort((a, b) => a - b)[window >> 1]!;
      const message =
        `${numTensors} tensors, some ${each} more with each of the last ${window} steps. ` +
        'Wrap what makes them (callbacks, batches, loss) in tf.tidy, or dispose them; await nothing inside a tidy.';
      onFault({ kind: 'leaking-tensors', epoch, step, message });
    },
  };
}
