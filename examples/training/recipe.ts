/**
 * A paper's recipe with one command, on synthetic people or on a dataset of yours in COCO's format:
 *
 *     npx tsx examples/training/recipe.ts --recipe lpn-50 --images val2017 --annotations person_keypoints_val2017.json
 *
 * `--size` shrinks the input, `--shorten` the epochs; `--batch`, `--people` (synthetic ones), `--seed`, `--engine`, `--out`.
 * Every tenth person is held out to validate on. Run again, it goes on from its last checkpoint.
 * @quick --recipe lpn-50 --size 0.25 --shorten 0.001 --people 10 --batch 9 --out {out}
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { imageFolder, readCocoFile } from 'poseblocks/datasets/node';
import { useEngine, type EngineName } from 'poseblocks/engines';
import { paperNetwork, type PaperNetwork } from 'poseblocks/networks';
import { quarterOffset, softArgmaxDecoder } from 'poseblocks/postprocess';
import { epochScale, gaussianCodec } from 'poseblocks/targets';
import {
  fit,
  formatProgress,
  intermediateSupervision,
  jointsMse,
  progress,
  RECIPES,
  recipeOptimizer,
  recipeSchedule,
  shortened,
  standardGuards,
  validatePck,
  withTargets,
  type Recipe,
  type RecipeName,
} from 'poseblocks/training';
import { directoryStore, jsonlLog, tensorboardLog } from 'poseblocks/training/node';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    recipe: { ...text, default: 'lpn-50' },
    images: text,
    annotations: text,
    size: { ...text, default: '1' },
    shorten: { ...text, default: '1' },
    batch: text,
    people: { ...text, default: '500' },
    seed: { ...text, default: '1' },
    engine: { ...text, default: 'auto' },
    out: text,
  },
});
if (!(values.recipe in RECIPES)) {
  throw new RangeError(`--recipe must be one of ${Object.keys(RECIPES).join(', ')}. Received: ${values.recipe}.`);
}
if ((values.images === undefined) !== (values.annotations === undefined)) {
  throw new RangeError('--images and --annotations must be given together. Received: one of them.');
}
const recipe: Recipe = shortened(RECIPES[values.recipe as RecipeName] as Recipe, Number(values.shorten));
const out = values.out ?? join('out', values.recipe);
const seed = Number(values.seed);
console.log(await useEngine(values.engine as EngineName | 'auto'));

const dataset =
  values.images !== undefined && values.annotations !== undefined
    ? { ...(await readCocoFile(values.annotations)), readImage: imageFolder(values.images) }
    : syntheticPeople({ seed, count: Number(values.people) });
const { persons, readImage, keypointSet } = dataset;
const isHeldOut = (i: number): boolean => i % 10 === 9;
const train = { persons: persons.filter((_, i) => !isHeldOut(i)), readImage };
const heldOut = { persons: persons.filter((_, i) => isHeldOut(i)), readImage };

const [width, height] = recipe.inputSize.map((side) =>
  Math.max(64, 32 * Math.round((side * Number(values.size)) / 32)),
);
const codec = gaussianCodec({
  inputSize: [width!, height!],
  heatmapSize: [width! / recipe.stride, height! / recipe.stride],
  sigma: recipe.sigma,
  refine: recipe.beta === undefined ? quarterOffset : softArgmaxDecoder({ beta: recipe.beta }),
});
const network = paperNetwork(`${recipe.paper}-${recipe.network}` as PaperNetwork, {
  inputShape: [height!, width!, 3],
  keypoints: keypointSet.names.length,
  seed,
});
const factor = recipe.epochScaled ? epochScale() : () => 1;
const { augmentation } = recipe;
const crops = {
  codec,
  seed,
  batchSize: values.batch === undefined ? recipe.batchSize : Number(values.batch),
  ...(augmentation && { augment: { keypointSet, ...augmentation } }),
};

const { best } = await fit(network, {
  ...recipeSchedule(recipe),
  batches: withTargets(
    (epoch, firstBatch) => topDown({ ...train, ...crops, epoch, firstBatch }),
    (people, epoch) => codec.withFactor(factor(epoch)).encodeBatch(people),
  ),
  loss: intermediateSupervision(jointsMse), // networks of one output and of several
  optimizer: recipeOptimizer(recipe),
  validate: validatePck({ batches: () => topDown({ ...heldOut, codec }), codec, flip: keypointSet }),
  monitor: 'PCK',
  checkpoint: { store: directoryStore(out) },
  callbacks: [
    ...standardGuards({ keypointSet, onFault: ({ kind, message }) => console.warn(`${kind}: ${message}`) }),
    progress({ show: (state) => console.log(formatProgress(state)) }),
    jsonlLog(join(out, 'log.jsonl')),
    tensorboardLog(out),
  ],
});
console.log(`best PCK ${best!.figure.toFixed(3)} in epoch ${best!.epoch}; the paper reports`, recipe.reported);
