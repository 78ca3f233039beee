import { existsSync } from 'node:fs';
import { definitionOf, type KeypointSetDefinition } from '../../keypoints';
import type { PoseModel } from '../../models';
import { trainingTeam, type TrainingTeam } from '../../training/node';
import type { RecipeName } from '../recipes';

/** Options of {@link recipeTeam}. */
export interface RecipeTeamOptions {
  /** The recipe that `recipeModel` built the model of. */
  readonly name: RecipeName;
  /** Number of threads, each with an engine. */
  readonly processes: number;
  /** `[width, height]` of the model's input. */
  readonly inputSize: readonly [width: number, height: number];
  /** The layers that `freeze` froze. @defaultValue none */
  readonly frozen?: readonly string[];
  /** @defaultValue 1 */
  readonly seed?: number;
}

/** What a thread builds its network from. */
export interface RecipeWork extends Required<Omit<RecipeTeamOptions, 'processes'>> {
  readonly keypoints: KeypointSetDefinition;
}

/**
 * `trainingTeam` of a recipe's model, as `poseblocks train --processes N` uses it: the threads build the recipe's network and loss themselves.
 *
 * @throws RangeError when the model is not that of the recipe, size and frozen layers.
 * @example
 * const team = await recipeTeam(model, { name: 'lpn-50', processes: 2, inputSize: [192, 256] });
 * await fit(model, { ...recipeSchedule(recipe), batches, loss: recipe.loss, optimizer, gradients: team.gradients });
 * await team.close();
 */
export function recipeTeam(
  model: PoseModel,
  { name, processes, inputSize, frozen = [], seed = 1 }: RecipeTeamOptions,
): Promise<TrainingTeam> {
  const workerData: RecipeWork = { name, inputSize, frozen, seed, keypoints: definitionOf(model.keypointSet) };
  return trainingTeam(model, { processes, replica: workerUrl(), workerData });
}

/** The worker beside this module: the built one, wherever this code was bundled to, or in a checkout the TypeScript file. */
function workerUrl(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./recipe.worker.ts', import.meta.url);
  const folders = ['.', './node', './recipes/node', '../recipes/node'];
  const urls = folders.map((folder) => new URL(`${folder}/recipe.worker.js`, import.meta.url));
  return urls.find((url) => existsSync(url)) ?? urls[0]!;
}
