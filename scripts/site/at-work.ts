/**
 * The picture of the start page and the README, docs/images/at-work.webp: synthetic people that the network has not seen, its heatmaps, and the skeletons that it finds.
 *
 *     npx tsx scripts/site/at-work.ts --train 3000     trains a small LPN on synthetic people, or goes on with it, in out/at-work/model.safetensors
 *     npx tsx scripts/site/at-work.ts                  draws with that network
 */
import { existsSync, mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { topDown, syntheticPeople, type Batch } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { poseModel, type PoseModel } from 'poseblocks/models';
import { loadPoseModelFile, savePoseModelFile } from 'poseblocks/models/node';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec, type HeatmapCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, multiStep, withTargets } from 'poseblocks/training';
import { drawAtWork } from './at-work-drawing';

const MODEL = 'out/at-work/model.safetensors';
const { values } = parseArgs({ options: { train: { type: 'string' }, threads: { type: 'string', default: '2' } } });

await useEngine('wasm', { threads: Number(values.threads) });
const model = existsSync(MODEL) ? await loadPoseModelFile(MODEL) : untrained();
if (values.train !== undefined) await train(Number(values.train));
await drawAtWork(model, 'docs/images/at-work.webp');

/** An LPN with one block a stage, for crops of 64 × 96. */
function untrained(): PoseModel {
  const network = lpn('lpn-50', { inputShape: [96, 64, 3], keypoints: 17, depths: [1, 1, 1, 1] });
  const refine = softArgmaxDecoder({ beta: 20, radius: 3 });
  const codec = gaussianCodec({
    inputSize: [64, 96],
    heatmapSize: [16, 24],
    sigma: 1.5,
    center: 'exact',
    align: 'centers',
    refine,
  });
  return poseModel({ network, codec, keypointSet: COCO, provenance: { data: 'synthetic people' } });
}

/** Eight hundred new people an epoch, turned, scaled and mirrored. */
async function train(steps: number): Promise<void> {
  const codec = model.codec as HeatmapCodec;
  async function* batches(): AsyncGenerator<Batch> {
    for (let epoch = 0, step = 0; step < steps; epoch++) {
      const people = syntheticPeople({ seed: 1000 + epoch, count: 800, imageSize: [160, 192], people: [1, 2] });
      const augment = { keypointSet: COCO, flip: 0.5, scale: 0.2, rotation: 20 };
      for await (const batch of topDown({ ...people, codec, batchSize: 16, seed: 7, epoch, augment })) {
        yield batch;
        if (++step === steps) return;
      }
    }
  }
  mkdirSync('out/at-work', { recursive: true });
  let loss = 0;
  await fit(model.network, {
    epochs: 1,
    batches: withTargets(() => batches(), codec),
    loss: jointsMse,
    optimizer: adam(1e-3),
    schedule: multiStep({ rate: 1e-3, milestones: [Math.round(0.7 * steps), Math.round(0.9 * steps)] }),
    scheduleBy: 'step',
    callbacks: [
      {
        onStep: async ({ step, loss: value }) => {
          loss = loss === 0 ? value : 0.98 * loss + 0.02 * value;
          if (step % 100 !== 0) return;
          console.log(step, loss.toFixed(6));
          await savePoseModelFile(MODEL, model, { dtype: 'float16' });
        },
      },
    ],
  });
  await savePoseModelFile(MODEL, model, { dtype: 'float16' });
}
