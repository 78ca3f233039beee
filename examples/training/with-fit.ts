/**
 * Training with `fit`: validation, guards, logs, progress, and checkpoints from which it goes on when run again.
 * @quick {out}
 */
import { join } from 'node:path';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import {
  adam,
  assignWeights,
  fit,
  formatProgress,
  jointsMse,
  multiStep,
  progress,
  readBest,
  standardGuards,
  validatePck,
  weightAverage,
  withTargets,
} from 'poseblocks/training';
import { directoryStore, jsonlLog, tensorboardLog } from 'poseblocks/training/node';

const out = process.argv[2] ?? 'out/with-fit';
await useEngine('wasm');
const people = (seed: number) => syntheticPeople({ seed, count: 16, imageSize: [128, 128], people: [1, 1] });
const [train, heldOut] = [people(1), people(2)];
const codec = gaussianCodec({ inputSize: [48, 64], heatmapSize: [12, 16], sigma: 1 });
const network = lpn('lpn-50', { inputShape: [64, 48, 3], depths: [1, 1, 1, 1], widths: [16, 32, 64, 64] });

// #region fit
const { best, reason } = await fit(network, {
  epochs: 4,
  batches: withTargets(
    (epoch, firstBatch) => topDown({ ...train, codec, batchSize: 8, seed: 1, epoch, firstBatch }),
    codec,
  ),
  loss: jointsMse,
  optimizer: adam(1e-3),
  schedule: multiStep({ rate: 1e-3, milestones: [3] }),
  average: weightAverage(network, { decay: 0.99 }),
  validate: validatePck({ batches: () => topDown({ ...heldOut, codec }), codec }),
  monitor: 'PCK',
  checkpoint: { store: directoryStore(out), everySteps: 100 },
  callbacks: [
    ...standardGuards({ keypointSet: COCO, onFault: ({ kind, message }) => console.warn(`${kind}: ${message}`) }),
    progress({ show: (state) => console.log(formatProgress(state)) }),
    jsonlLog(join(out, 'log.jsonl')),
    tensorboardLog(out),
  ],
});
// #endregion
console.log(`${reason}: best PCK ${best!.value.toFixed(3)} in epoch ${best!.epoch}; checkpoints and logs in ${out}`);

// #region best
const { weights } = await readBest(directoryStore(out)); // also in another process, later
assignWeights(network, weights);
// #endregion
