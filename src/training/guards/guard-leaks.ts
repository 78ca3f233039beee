import * as tf from '@tensorflow/tfjs-core';
import type { Callback } from '../fit/callbacks';
import { endRun, type GuardOptions } from './fault';

/**
 * Finds tensors that are never disposed: their number grew in each of `window` steps in a row, 10 unless told.
 *
 * @example
 * fit(network, { callbacks: [guardLeaks()], … });
 */
export function guardLeaks(options: GuardOptions & { readonly window?: number } = {}): Callback {
  const { window = 10, onFault = endRun } = options;
  let last = Infinity;
  let first = 0;
  let grown = 0;
  return {
    onEpoch: () => {
      [last, grown] = [Infinity, 0]; // validation may keep what it likes
    },
    onStep({ epoch, step }) {
      const { numTensors } = tf.memory();
      if (numTensors > last) grown++;
      else [grown, first] = [0, numTensors];
      last = numTensors;
      if (grown !== window) return;
      const each = ((numTensors - first) / window).toFixed(1);
      const message =
        `${numTensors} tensors, ${each} more with each of the last ${window} steps. ` +
        'Wrap what makes them (callbacks, batches, loss) in tf.tidy, or dispose them; await nothing inside a tidy.';
      onFault({ kind: 'leaking-tensors', epoch, step, message });
    },
  };
}
