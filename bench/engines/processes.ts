/**
 * A training step of LPN-50 at 256×192 with its recipe's loss and optimiser: one thread, which accumulates the parts, beside `recipeTeam`'s threads, in turns:
 *
 *     npx tsx bench/engines/processes.ts [PROCESSES: 2] [BATCH: 8] [ROUNDS: 5]
 *
 * Both make the same step of the same people. Needs a machine with nothing else to do, and as many free cores as processes. Rows go to
 * bench/results/training-processes.csv.
 */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { RECIPES, recipeModel, recipeOptimizer, type Recipe } from 'poseblocks/recipes';
import { recipeTeam } from 'poseblocks/recipes/node';
import { disposeBatch, gradientAccumulator, withTargets, type TrainingBatch } from 'poseblocks/training';
import { median, record, seconds } from '../measure';

const [processes = 2, size = 8, rounds = 5] = process.argv.slice(2).map(Number);
await useEngine('wasm', { threads: 1 });
const recipe: Recipe = RECIPES['lpn-50'];
const model = recipeModel(recipe, { name: 'lpn-50', keypointSet: COCO });
const { network, codec } = model;
const optimizer = recipeOptimizer(recipe);
const { persons, readImage } = syntheticPeople({ seed: 1, count: 2 * size });

/** The first people, in batches of `batchSize`. */
async function batches(batchSize: number, count: number): Promise<TrainingBatch<unknown>[]> {
  const made: TrainingBatch<unknown>[] = [];
  const crops = () => topDown({ persons: persons.slice(0, batchSize * count), readImage, codec, batchSize, seed: 1 });
  for await (const batch of withTargets(crops, codec)(0, 0)) made.push(batch);
  return made;
}

const [whole] = await batches(size, 1);
const parts = await batches(size / processes, processes);
const team = await recipeTeam(model, { name: 'lpn-50', processes, inputSize: recipe.inputSize });

async function alone(): Promise<void> {
  const accumulator = gradientAccumulator();
  for (const { images, target, weights } of parts) {
    const { value, grads } = tf.variableGrads(
      () => recipe.loss(target, weights, network.apply(images, { training: true }) as never),
      network.trainableWeights.map((weight) => weight.read() as tf.Variable),
    );
    accumulator.add(grads);
    await value.data();
    value.dispose();
  }
  const gradients = accumulator.take();
  optimizer.applyGradients(gradients);
  tf.dispose(gradients);
}

async function together(): Promise<void> {
  const { gradients } = await team.gradients(whole!, 0);
  optimizer.applyGradients(gradients);
  tf.dispose(gradients);
}

for (let i = 0; i < 2; i++) {
  await alone();
  await together();
}
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const one = median([await seconds(alone), await seconds(alone), await seconds(alone)]);
  const several = median([await seconds(together), await seconds(together), await seconds(together)]);
  ratios.push(one / several);
  record('training-processes', [
    { network: 'lpn-50', batch: size, processes, round, one_s: one.toFixed(3), several_s: several.toFixed(3), ratio: (one / several).toFixed(3) }, // prettier-ignore
  ]);
}
console.log(`${processes} processes: ${median(ratios).toFixed(2)} times as fast a step as one thread`);
[whole!, ...parts].forEach(disposeBatch);
optimizer.dispose();
await team.close();
