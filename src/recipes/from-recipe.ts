import { adam } from '../training';
import { radam } from '../training';
import { rmsprop } from '../training';
import type { OptimizerOptions, StatefulOptimizer } from '../training';
import { constant } from '../training';
import { iterativeSchedule, type IterativeSchedule } from '../training';
import { multiStep } from '../training';
import type { Schedule } from '../training';
import type { Recipe } from './recipe';

const OPTIMIZERS = { adam, radam, rmsprop } as const;

/**
 * The optimiser of a recipe. It belongs to the caller.
 *
 * @example recipeOptimizer(RECIPES['lpn-50'])
 */
export function recipeOptimizer({ optimizer }: Recipe, options: OptimizerOptions = {}): StatefulOptimizer {
  return OPTIMIZERS[optimizer.name](optimizer.rate, options);
}

/**
 * The schedule of a recipe and how many epochs it runs, those of all stages together.
 *
 * @example fit(network, { ...recipeSchedule(RECIPES['lpn-50']), … });
 */
export function recipeSchedule({ optimizer, schedule }: Recipe): {
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
 * The same recipe with `factor` times the epochs, at least one a stage: to try it out in minutes. Milestones and restart
 * move along.
 *
 * @throws RangeError when the factor is not above 0.
 * @example
 * recipeSchedule(shortened(RECIPES['lpn-50'], 0.1)).epochs; // 69
 */
export function shortened<R extends Recipe>(recipe: R, factor: number): R {
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
