import { paperNetworks } from 'poseblocks/networks';
import { RECIPES, recipeOptimizer, recipeSchedule, shortened, type Recipe } from 'poseblocks/training';
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
      recipe.optimizer.rate * 0.1 ** (recipe.schedule.milestones?.length ?? 0),
      15,
    );
    expect(recipe.inputSize.every((side) => side % recipe.stride === 0)).toBe(true);
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
