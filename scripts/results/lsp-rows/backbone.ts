/**
 * Trains a row's backbone on the stretched people of LSPET, without Python, for `poseblocks reproduce 000 --weights`. Killed or stopped, the same command goes on.
 *
 *   npx tsx scripts/results/lsp-rows/backbone.ts shuffle --data ../shared/data --out out/lsp-rows/shuffle --epochs 4
 *   npx poseblocks reproduce 000 --data ../shared/data/lsp --rows shuffle --size 128x128 --weights out/lsp-rows/shuffle/backbone.safetensors --out out/lsp-rows/scaled
 *   npx poseblocks reproduce 000 … --plain --out out/lsp-rows/plain
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { topDown } from 'poseblocks/datasets';
import { imageFolder, readLspFile, withImageSizes } from 'poseblocks/datasets/node';
import { formatEngine, useEngine } from 'poseblocks/engines';
import { stateDict, writeSafetensors } from 'poseblocks/interop';
import { LSP } from 'poseblocks/keypoints';
import { initialize } from 'poseblocks/networks';
import type { HeatmapCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, multiStep, withTargets } from 'poseblocks/training';
import { directoryStore, jsonlLog } from 'poseblocks/training/node';
import { AUGMENTATION } from '../../weights/networks';
import { stretchedPeople } from '../../weights/stretched';
import { LEEDS_RUNS } from './runs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string', default: 'out/lsp-rows/backbone' },
    epochs: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1' },
  },
});
const run = LEEDS_RUNS.find(({ name }) => name === `pretrain-${positionals[0]}`);
if (!run) throw new Error(`backbone: the row must have a backbone of its own. Received: ${positionals[0]}.`);
const { seed, initialization } = run;
const codec = run.codec as HeatmapCodec;
const epochs = Number(values.epochs);
/** 64, as on an accelerator, do not fit into the 4 GiB of a WebAssembly heap. */
const batchSize = 32;

console.log(formatEngine(await useEngine('wasm', { threads: Number(values.threads) })));
const folder = join(values.data, 'lspet/images');
const extended = await withImageSizes(await readLspFile(join(values.data, 'lspet/joints.mat')), folder);
const named = extended.persons.map((person) => ({ ...person, fileName: `lspet/images/${person.fileName}` }));
const persons = await stretchedPeople(named, values.data, values.out, 1e6);
const readImage = imageFolder(values.out, { cache: persons.length });
const network = run.network();
initialize(network, initialization, { seed });
const optimizer = adam(1e-3);
const augment = { keypointSet: LSP, ...AUGMENTATION };
await fit(network, {
  epochs,
  optimizer,
  schedule: multiStep({ rate: 1e-3, milestones: [Math.floor(0.625 * epochs), Math.floor(0.875 * epochs)] }),
  loss: jointsMse,
  batches: withTargets(
    (epoch, firstBatch) => topDown({ persons, readImage, codec, batchSize, seed, epoch, firstBatch, augment }),
    codec,
  ),
  checkpoint: { store: directoryStore(values.out), everySteps: 100 },
  callbacks: [
    jsonlLog(join(values.out, 'log.jsonl'), { everySteps: 10 }),
    { onEpoch: ({ epoch, loss }) => console.log(`${run.name}, epoch ${epoch + 1} of ${epochs}: loss ${loss.toExponential(3)}`) }, // prettier-ignore
  ],
});
const tensors = Object.entries(await stateDict(network)).filter(([key]) => !/^(deconv|final_layer)/.test(key));
writeFileSync(join(values.out, 'backbone.safetensors'), writeSafetensors(Object.fromEntries(tensors)));
