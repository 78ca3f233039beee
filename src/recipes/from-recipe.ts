import type { KeypointSet } from '../keypoints';
import { poseModel, type PoseModel } from '../models';
import {
  adam,
  constant,
  iterativeSchedule,
  multiStep,
  radam,
  rmsprop,
  type IterativeSchedule,
  type OptimizerOptions,
  type Schedule,
  type StatefulOptimizer,
} from '../training';
import type { Recipe, RecipeColumns } from './recipe';

const OPTIMIZERS = { adam, radam, rmsprop } as const;

/** Options of {@link recipeModel}. */
export interface RecipeModelOptions {
  /** The keypoints to be found. */
  readonly keypointSet: KeypointSet;
  /** `[width, height]` in pixels. @defaultValue the recipe's */
  readonly inputSize?: readonly [width: number, height: number];
  /** Seed of the initial weights. @defaultValue 1 */
  readonly seed?: number;
  /** Recorded in the file's provenance. */
  readonly name?: string;
}

/**
 * The pose model of a recipe before training: its network with random weights, and its codec. The network belongs to the caller.
 *
 * @throws RangeError when the network does not support the size.
 * @example
 * import { COCO } from 'poseblocks/keypoints';
 * import { RECIPES, recipeModel } from 'poseblocks/recipes';
 * const model = recipeModel(RECIPES['lpn-50'], { keypointSet: COCO, inputSize: [96, 128] });
 */
export function recipeModel(
  recipe: Recipe,
  { keypointSet, inputSize = recipe.inputSize, seed = 1, name }: RecipeModelOptions,
): PoseModel {
  const [width, height] = inputSize;
  const network = recipe.build({ inputShape: [height, width, 3], keypoints: keypointSet.names.length, seed });
  try {
    const recipeName = name ?? `${recipe.paper}-${recipe.network}`;
    return poseModel({ network, codec: recipe.codec(inputSize), keypointSet, provenance: { recipe: recipeName } });
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/**
 * Creates the optimiser of a recipe. It belongs to the caller.
 *
 * @throws RangeError for a name that is unknown where the recipe has no `create`.
 * @example recipeOptimizer(RECIPES['lpn-50'])
 */
export function recipeOptimizer({ optimizer }: RecipeColumns, options: OptimizerOptions = {}): StatefulOptimizer {
  const { name, rate } = optimizer;
  const create = optimizer.create ?? (Object.hasOwn(OPTIMIZERS, name) ? OPTIMIZERS[name as keyof typeof OPTIMIZERS] : undefined); // prettier-ignore
  if (create === undefined) {
    throw new RangeError(
      `recipeOptimizer: optimizer.name must be ${Object.keys(OPTIMIZERS).join(', ')}, or optimizer.create must be given. Received: ${name}.`,
    );
  }
  return create(rate, options);
}

/**
 * The schedule of a recipe and its number of epochs, over all stages.
 *
 * @example fit(network, { ...recipeSchedule(RECIPES['lpn-50']), … });
 */
export function recipeSchedule({ optimizer, schedule }: RecipeColumns): {
  readonly epochs: number;
  readonly schedule: Schedule | IterativeSchedule;
} {
  const { epochs, milestones, factor = 0.1, stages = 1, restart } = schedule;
  const once = milestones ? multiStep({ rate: optimizer.rate, milestones, factor }) : constant(optimizer.rate);
  if (stages === 1) return { epochs, schedule: once };
  const iterative = iterativeSchedule({ stages, epochs, schedule: once, ...(restart !== undefined && { restart }) });
  return { epochs: iterative.epochs, schedule: iterative };
}

/**
 * The same recipe with `factor` times the epochs, at least one per stage, for a quick trial. Milestones and restart
 * are scaled as well.
 *
 * @throws RangeError when the factor is not above 0.
 * @example
 * recipeSchedule(shortened(RECIPES['lpn-50'], 0.1)).epochs; // 69
 */
export function shortened<R extends RecipeColumns>(recipe: R, factor: number): R {
  if (!(factor > 0)) throw new RangeError(`shortened: factor must be greater than 0. Received: ${factor}.`);
  const { epochs, milestones, restart, ...rest } = recipe.schedule;
  const length = Math.max(1, Math.round(epochs * factor));
  const moved = [...new Set(milestones?.map((m) => Math.round(m * factor)))].filter((m) => m > 0 && m < length);
  return {
    ...recipe,
    schedule: {
      ...rest,
      epochs: length,
      ...(moved.length > 0 && { milestones: moved }),
      ...(restart !== undefined && { restart: Math.min(Math.round(restart * factor), length - 1) }),
    },
  };
}
