/** A training run in a process of its own, to be killed: `tsx interruptible-run.ts FOLDER`. Prints a line when it has begun. */
import { createHash } from 'node:crypto';
import type * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { resumableRandom } from 'poseblocks/random';
import { pathToFileURL } from 'node:url';
import {
  adam,
  fit,
  jointsMse,
  plateau,
  readWeights,
  warmUp,
  weightAverage,
  type CheckpointStore,
  type FitResult,
} from 'poseblocks/training';
import { directoryStore } from 'poseblocks/training/node';
import { dots, tinyNetwork } from './tiny';

export const EPOCHS = 6;

/** Everything that has a state: Adam, a warm-up and a plateau, an average, a random source, validation, best weights. */
export async function train(
  store: CheckpointStore | undefined,
  options: { readonly signal?: AbortSignal; readonly onStep?: () => void } = {},
): Promise<{ hash: string; result: FitResult }> {
  const network = tinyNetwork({ filters: 4 });
  const optimizer = adam(1e-2);
  const average = weightAverage(network, { decay: 0.9 });
  const random = resumableRandom(7);
  const result = await fit(network, {
    epochs: EPOCHS,
    optimizer,
    average,
    random,
    loss: jointsMse,
    accumulate: 2,
    clipNorm: 1,
    schedule: warmUp(plateau({ rate: 1e-2, metric: 'PCK', patience: 0 }), { over: 2 }),
    batches: function* () {
      for (let i = 0; i < 7; i++) yield dots(Math.floor(1e6 * random.next()), { batch: 2 });
    },
    validate: async (_, epoch) => ({ PCK: [0.1, 0.3, 0.3, 0.2, 0.5, 0.4][epoch]! }),
    monitor: 'PCK',
    callbacks: [{ onStep: () => options.onStep?.() }],
    ...(options.signal && { signal: options.signal }),
    ...(store && { checkpoint: { store, everySteps: 1 } }),
  });
  const hash = createHash('sha256').update(JSON.stringify(result.history));
  const all = [await readWeights(network), result.best?.weights ?? {}, Object.fromEntries(average.variables)];
  for (const weights of all) {
    for (const [name, value] of Object.entries(weights)) {
      hash
        .update(name)
        .update('data' in value && value.data instanceof Float32Array ? value.data : await (value as tf.Tensor).data());
    }
  }
  for (const weight of network.weights) weight.read().dispose();
  optimizer.dispose();
  average.dispose();
  return { hash: hash.digest('hex'), result };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await useEngine('wasm');
  const { hash } = await train(directoryStore(process.argv[2]!), { onStep: () => process.stdout.write('step\n') });
  process.stdout.write(`done ${hash}\n`);
}
