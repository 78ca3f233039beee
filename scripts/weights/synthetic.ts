/**
 * Trains `weights/synthetic-small.safetensors`, which follows drawn people: the studio's demo, and the tests of cameras and videos. The small network of the shipped
 * weights, from those weights, on synthetic people who stand and who walk. Their boxes are moved as a detector errs, because a tracker's boxes do. Killed, it goes on.
 *
 *   npx tsx scripts/weights/synthetic.ts [--steps 560] [--threads 1] [--out out/synthetic]
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { syntheticPeople, syntheticWalk, topDown, type Person, type RgbImage } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { COCO, keypointsOf, type Box } from 'poseblocks/keypoints';
import { longerSides, pck } from 'poseblocks/metrics';
import { poseModel } from 'poseblocks/models';
import { savePoseModelFile } from 'poseblocks/models/node';
import { lpn } from 'poseblocks/networks';
import { softArgmaxDecoder } from 'poseblocks/postprocess';
import { gaussianCodec } from 'poseblocks/targets';
import {
  adam,
  cosine,
  fit,
  jointsMse,
  loadWeights,
  predictPeople,
  warmUp,
  weightAverage,
  withTargets,
} from 'poseblocks/training';
import { directoryStore, jsonlLog } from 'poseblocks/training/node';
import { NETWORKS } from './networks';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '560' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string', default: 'out/synthetic' },
  },
});
const BATCH = 16;
const codec = gaussianCodec({
  inputSize: [96, 128],
  heatmapSize: [24, 32],
  sigma: 1.5,
  center: 'exact',
  align: 'centers',
  refine: softArgmaxDecoder({ beta: 20, radius: 3 }),
});

/** People who stand and people who walk, with the pictures that they are in. Seeds under 1,000 are the tests'. */
function people(seed: number, count: number): { persons: Person[]; readImage: (person: Person) => RgbImage } {
  const standing = syntheticPeople({ seed, count: count / 2 });
  const images = new Map<Person, RgbImage>(standing.persons.map((person) => [person, standing.readImage(person)]));
  for (let walk = 0; images.size < count; walk++) {
    const { at } = syntheticWalk({ seed: seed + walk, imageSize: [320, 240], walkers: walk % 2 ? [{}] : [{}, {}] });
    for (const seconds of [0.3, 1.7, 3.1]) {
      const { image, annotations } = at(seconds + (walk % 7) / 5);
      for (const { bbox, keypoints } of annotations) {
        const box = Array.from(bbox) as unknown as Box;
        const person = { box, keypoints: keypointsOf('image', keypoints), area: 0.5 * box[2] * box[3], iscrowd: false };
        images.set({ ...person, id: images.size + 1, imageId: 1e6 + images.size, fileName: '' }, image);
      }
    }
  }
  return { persons: [...images.keys()], readImage: (person) => images.get(person)! };
}

await useEngine('wasm', { threads: Number(values.threads) });
const training = people(10_000, 3000);
const heldOut = people(1_000_000, 300);
const network = lpn('lpn-50', { inputShape: [128, 96, 3], keypoints: 17, seed: 1, ...NETWORKS['lpn-small-leeds'] });
const LEEDS = 'weights/lpn-small-leeds.safetensors';
await loadWeights(network, await readFile(LEEDS), LEEDS); // all but the last layer, whose keypoints are others

const steps = Number(values.steps);
const epochs = Math.ceil(steps / Math.ceil(training.persons.length / BATCH));
const average = weightAverage(network, { decay: 0.99 });
const augment = { keypointSet: COCO, flip: 0.5, scale: 0.3, rotation: 20, color: 0.2, proposals: {} };
await fit(network, {
  epochs,
  optimizer: adam(2e-3),
  schedule: warmUp(cosine({ rate: 2e-3, over: steps }), { over: 50 }),
  scheduleBy: 'step',
  loss: jointsMse,
  average,
  batches: withTargets(
    (epoch, firstBatch) => topDown({ ...training, codec, batchSize: BATCH, seed: 1, epoch, firstBatch, augment }),
    codec,
  ),
  validate: async () => {
    const found = await predictPeople(network, { codec, batches: () => topDown({ ...heldOut, codec }) });
    const options = { normalizer: longerSides(found.map(({ sample }) => sample.box)), threshold: 0.1 };
    const truth = found.map(({ sample }) => sample.keypoints);
    return { PCK: pck(found.map(({ keypoints }) => keypoints), truth, options).mean }; // prettier-ignore
  },
  checkpoint: { store: directoryStore(values.out), everySteps: 100 },
  callbacks: [
    jsonlLog(join(values.out, 'log.jsonl'), { everySteps: 10 }),
    {
      onEpoch: async ({ epoch, metrics }) => {
        const held = metrics['PCK']!;
        console.log(`epoch ${epoch + 1} of ${epochs}: PCK@0.1 of held-out people ${held.toFixed(3)}`);
        if (epoch + 1 < epochs) return;
        average.swap();
        const provenance = {
          recipe: `lpn-small from lpn-small-leeds, ${epochs} epochs of ${training.persons.length} people in batches of ${BATCH}`,
          data: 'synthetic people, standing and walking',
          metrics: { 'PCK@0.1': held },
          license: 'MIT; begun from weights trained on Leeds Sports Poses, see the model card of poseblocks-weights',
          version: '2',
        };
        const model = poseModel({ network, codec, keypointSet: COCO, provenance });
        await savePoseModelFile(join(values.out, 'synthetic-small.safetensors'), model, { dtype: 'float16' });
      },
    },
  ],
});
