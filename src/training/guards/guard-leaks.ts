import * as tf from '@tensorflow/tfjs-core';
import type { Callback } from '../fit/callbacks';
import { endRun, type GuardOptions } from './fault';

/** Number of steps in a window that must add tensors. Tensors that are kept for one step and freed in the next are not a leak, and do not hide one. */
const MOST = 0.8;

/**
 * Detects tensors that are never disposed: their number grew in most of the last `window` steps.
 *
 * @param options.window number of steps. @defaultValue 10
 *
 * @example
 * fit(network, { callbacks: [guardLeaks()], … });
 */
export function guardLeaks(options: GuardOptions & { readonly window?: number } = {}): Callback {
  const { window = 10, onFault = endRun } = options;
  let counts: number[] = [];
  return {
    onEpoch: () => {
      counts = []; // validation may keep tensors
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
