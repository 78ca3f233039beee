import { paperNetworks } from 'poseblocks/recipes';
import * as tf from '@tensorflow/tfjs-core';
import { model } from '@tensorflow/tfjs-layers';
import { syntheticPeople, topDown } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { integralHead } from 'poseblocks/heads';
import { COCO } from 'poseblocks/keypoints';
import { poseModel } from 'poseblocks/models';
import { cpn, grmi, lpn, resnet } from 'poseblocks/networks';
import { codecFromJSON, type Codec } from 'poseblocks/targets';
import { adam, fit, sgd, validatePck, withTargets } from 'poseblocks/training';
import { RECIPES, recipeModel, recipeOptimizer, recipeSchedule, shortened, type Recipe } from 'poseblocks/recipes';
import { describe, expect, it } from 'vitest';

const all = Object.entries(RECIPES) as [string, Recipe][];

describe.each(all)('%s', (_name, recipe) => {
  it('names a network of its paper, an optimiser and a schedule', () => {
    expect(paperNetworks()).toContain(`${recipe.paper}-${recipe.network}`);
    const optimizer = recipeOptimizer(recipe);
    expect(optimizer.learningRate).toBe(recipe.optimizer.rate);
    const { epochs, schedule } = recipeSchedule(recipe);
    expect(schedule(0)).toBeCloseTo(recipe.optimizer.rate, 15);
    expect(schedule(epochs - 1)).toBeCloseTo(
      recipe.optimizer.rate * (recipe.schedule.factor ?? 0.1) ** (recipe.schedule.milestones?.length ?? 0),
      15,
    );
    const { multiple, plus } = recipe.sides ?? { multiple: 32, plus: 0 };
    expect(recipe.inputSize.map((side) => (side - plus) % multiple)).toEqual([0, 0]);
  });

  it('can be shortened to next to nothing', () => {
    const { epochs, schedule } = recipeSchedule(shortened(recipe, 1e-3));
    expect(epochs).toBe(recipe.schedule.stages ?? 1);
    expect(schedule(0)).toBeGreaterThan(0);
  });
});

it('LPN runs 690 epochs in seven stages, batch 32', () => {
  const { epochs, schedule } = recipeSchedule(RECIPES['lpn-50']);
  expect(epochs).toBe(690);
  expect([0, 90, 120, 150, 180].map((e) => Number(schedule(e).toPrecision(6)))).toEqual([1e-3, 1e-4, 1e-5, 1e-3, 1e-4]);
  expect(RECIPES['lpn-50'].batchSize).toBe(32);
  expect(recipeSchedule(shortened(RECIPES['lpn-50'], 0.1)).epochs).toBe(69);
});

it('CV701 drops at 15 and 17 of 20 epochs, batch 24', () => {
  const { epochs, schedule } = recipeSchedule(RECIPES['cv701-baseline']);
  expect([epochs, RECIPES['cv701-baseline'].batchSize]).toEqual([20, 24]);
  expect([14, 15, 17].map((e) => Number(schedule(e).toPrecision(6)))).toEqual([1e-3, 1e-4, 1e-5]);
});

it('CPN halves its rate each 24 of 160 epochs, G-RMI takes sides of 8n + 1', () => {
  const { epochs, schedule } = recipeSchedule(RECIPES['cpn-50']);
  expect(epochs).toBe(160);
  expect([23, 24, 72, 144].map((e) => Number(schedule(e).toPrecision(6)))).toEqual([5e-4, 2.5e-4, 6.25e-5, 7.8125e-6]);
  expect(RECIPES['grmi-101'].sides).toEqual({ multiple: 8, plus: 1 });
});

describe('recipes build what fit takes', () => {
  const small = { inputShape: [64, 64, 3], keypoints: 17, seed: 1 } as const;
  const heatmaps = () => lpn('lpn-50', { ...small, depths: [1, 1, 1, 1], widths: [16, 16, 32, 32] });
  const integral = () => {
    const { inputs, outputs } = heatmaps();
    return model({ inputs, outputs: [outputs[0]!, integralHead()(outputs[0]!, '')] }); // as `quotedNetwork` has it
  };
  it.each([
    ['lpn-50', [64, 64], heatmaps],
    ['lsp-base', [64, 64], heatmaps],
    ['cpn-50', [64, 64], () => cpn(resnet('resnet-18'), { ...small, filters: 32 })],
    ['integral-101', [64, 64], integral],
    ['grmi-101', [25, 33], () => grmi('grmi-50', { ...small, inputShape: [33, 25, 3], auxiliary: true })],
  ] as const)('%s trains by fit, validates, and its codec is restored', async (name, inputSize, build) => {
    await useEngine('wasm');
    const recipe: Recipe = RECIPES[name];
    const codec = recipe.codec(inputSize);
    expect(codecFromJSON(codec.toJSON())).toMatchObject({ inputSize });
    expect((recipe.codecAt?.(0, inputSize) ?? codec).toJSON().codec).toBe(codec.toJSON().codec);
    const people = syntheticPeople({ seed: 2, count: 2 });
    const crops = () => topDown({ ...people, codec, batchSize: 2 });
    const network = build();
    const optimizer = adam(2e-3);
    const before = tf.memory().numTensors;
    const { history } = await fit(poseModel({ network, codec, keypointSet: COCO }), {
      epochs: 3,
      optimizer,
      loss: recipe.loss,
      batches: withTargets(crops, recipe.codecAt ? (epoch) => recipe.codecAt!(epoch, inputSize) : codec),
      validate: validatePck({ batches: crops, codec, flip: COCO }),
      monitor: 'PCK',
    });
    expect(history.every(({ metrics }) => Number.isFinite(metrics['PCK']))).toBe(true);
    if (name !== 'lsp-base') expect(history[2]!.loss).toBeLessThan(history[0]!.loss); // there the targets grow with the epoch
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('scales targets by the epoch where the recipe says so, and not where no epoch is named', async () => {
    await useEngine('wasm');
    const recipe = RECIPES['lsp-base'];
    const { keypoints } = syntheticPeople({ seed: 2, count: 1 }).persons[0]!;
    const inside = { ...keypoints, frame: 'input' as const, xy: keypoints.xy.map((v) => Math.min(60, Math.abs(v))) };
    const peak = async (codec: Codec): Promise<number> => Math.max(...codec.encodeArrays([inside]).target[0]!.values);
    expect(await peak(recipe.codec([64, 64]))).toBeCloseTo(1, 6);
    expect(await peak(recipe.codecAt!(0, [64, 64]))).toBeCloseTo(100, 4);
  });

  it('takes an optimiser of your own, and names those that it has', () => {
    const own = { ...RECIPES['lpn-50'], optimizer: { name: 'lookahead', rate: 3e-4 } };
    expect(() => recipeOptimizer(own)).toThrow('optimizer.name must be adam, radam, rmsprop, or optimizer.create');
    const made = recipeOptimizer({ ...own, optimizer: { ...own.optimizer, create: (rate) => sgd(rate) } });
    expect([made.learningRate, made.getClassName()]).toEqual([3e-4, sgd(1).getClassName()]);
    made.dispose();
  });

  it('has the pose model of a recipe before training', async () => {
    const built = recipeModel(RECIPES['lsp-resnet18'], { keypointSet: COCO, inputSize: [64, 64], seed: 3 });
    expect(built.network.inputs[0]!.shape).toEqual([null, 64, 64, 3]);
    expect(built.provenance).toEqual({ recipe: '000-resnet18' });
    built.network.dispose();
  });
});
