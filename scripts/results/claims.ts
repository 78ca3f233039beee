import type { LayersModel } from '@tensorflow/tfjs-layers';
import { epochScale } from 'poseblocks/targets';
import {
  adam,
  fit,
  guardHeatmaps,
  jointsMse,
  rmsprop,
  withTargets,
  type Callback,
  type FitOptions,
  type StatefulOptimizer,
} from 'poseblocks/training';
import { recipeOptimizer, RECIPES, recipeSchedule, shortened, type HeatmapRecipe } from 'poseblocks/recipes';
import { accuracy, fineByBeta, codecOf, meanPeak } from './measure';
import { smallBaseline, smallHourglass, smallLpn } from './networks';
import type { People } from './people';

/** Figures of one run, by name. */
export type Figures = Readonly<Record<string, number>>;

/** A claim of a paper, as runs of a few variants with a few seeds. */
export interface Claim {
  readonly id: string;
  readonly variants: readonly string[];
  run(variant: string, seed: number, people: People): Promise<Figures>;
}

/** Trains with the joints' MSE and gives the losses of the epochs. Network and optimiser are disposed after `measure`. */
async function train(
  network: LayersModel,
  options: Omit<FitOptions, 'loss' | 'optimizer'> & { readonly optimizer: StatefulOptimizer },
  measure: () => Promise<Figures> = async () => ({}),
): Promise<Figures> {
  try {
    const { history } = await fit(network, { loss: jointsMse, ...options });
    const losses = history.map(({ loss, epoch }) => [`loss after ${epoch + 1} epochs`, loss] as const);
    return { ...Object.fromEntries(losses), ...(await measure()) };
  } finally {
    options.optimizer.dispose();
    network.weights.forEach((weight) => weight.read().dispose());
  }
}

/** Calls `measure` after these epochs, counted from 1. */
const after = (epochs: readonly number[], measure: (epochs: number) => Promise<void>): Callback => ({
  onEpoch: ({ epoch }) => (epochs.includes(epoch + 1) ? measure(epoch + 1) : undefined),
});

/** Paper 000: targets of peak 1 against targets that start at peak 100 and shrink with the epoch. */
const epochScaled: Claim = {
  id: '000 epoch-scaled targets',
  variants: ['plain', 'epoch-scaled'],
  async run(variant, seed, people) {
    const network = smallBaseline({ seed });
    const codec = codecOf(64, { sigma: 2 });
    const factor = variant === 'plain' ? () => 1 : epochScale();
    const figures: Record<string, number> = { 'guard: checks that report a collapse': 0 };
    const guard = guardHeatmaps({
      everySteps: 20,
      after: 40,
      onFault: ({ kind }) => {
        if (kind === 'heatmap-collapse') figures['guard: checks that report a collapse']!++;
      },
    });
    await train(network, {
      epochs: 20,
      optimizer: adam(1e-3),
      batches: withTargets(
        (epoch) => people.batches(seed, epoch),
        (epoch) => codec.withFactor(factor(epoch)),
      ),
      callbacks: [
        guard,
        after([2, 5, 10, 20], async (epochs) => {
          figures[`PCK@0.2 after ${epochs} epochs`] = (await accuracy(network, people, codec)).PCK;
          figures[`peak after ${epochs} epochs`] = await meanPeak(network, people, factor(epochs - 1));
        }),
      ],
    });
    return figures;
  },
};

/** Paper 001: training loss after five epochs of RMSprop, with the original and the reduced stem. */
const reducedStem: Claim = {
  id: '001 reduced stem',
  variants: ['original', 'reduced'],
  async run(variant, seed, people) {
    const network = smallHourglass({ reduced: variant === 'reduced', seed });
    const weights = network.countParams();
    const codec = codecOf(16, { sigma: 1 });
    const batches = withTargets((epoch) => people.batches(seed, epoch), codec);
    const figures = await train(network, { epochs: 20, optimizer: rmsprop(2.5e-4), batches }, async () => ({
      'PCK@0.2 after 20 epochs': (await accuracy(network, people, codec)).PCK,
    }));
    const kept = Object.entries(figures).filter(([name]) => /PCK|after (5|10|20) /.test(name));
    return { weights, ...Object.fromEntries(kept) };
  },
};

/** LPN's recipe at a tenth of the epochs: 15, drops at 9 and 12, each later stage from 6. */
const LPN: HeatmapRecipe = shortened(RECIPES['lpn-50'], 0.1);

/** Trains the small LPN by a recipe and gives the best of each stage by PCK@0.05. */
async function trainLpn(
  recipe: HeatmapRecipe,
  { gc, seed, people }: { gc: boolean; seed: number; people: People },
  measure?: (network: LayersModel) => Promise<Figures>,
): Promise<Figures> {
  const network = smallLpn({ gc, seed });
  const codec = codecOf(32, { sigma: recipe.sigma });
  const { epochs, schedule } = recipeSchedule(recipe);
  const stageAt = 'stageAt' in schedule ? (epoch: number) => schedule.stageAt(epoch).stage : () => 0;
  const stages: { fine: number; PCK: number }[] = [];
  const noteBest: Callback = {
    onEpoch: ({ epoch, metrics: { fine, PCK } }) => {
      if (fine === undefined) return;
      const stage = stageAt(epoch);
      if (fine >= (stages[stage]?.fine ?? 0)) stages[stage] = { fine, PCK: PCK! };
    },
  };
  const options: Parameters<typeof train>[1] = {
    epochs,
    schedule,
    optimizer: recipeOptimizer(recipe),
    batches: withTargets((epoch) => people.batches(seed, epoch), codec),
    validate: async () => ({ ...(await accuracy(network, people, codec)) }),
    validateEvery: 3,
    monitor: 'fine',
    callbacks: [noteBest],
  };
  const figures = await train(network, options, measure && (() => measure(network)));
  const bests = stages.flatMap(({ fine, PCK }, stage) => [
    [`PCK@0.05 of stage ${stage}`, fine],
    [`PCK@0.2 of stage ${stage}`, PCK],
  ]);
  return {
    ...Object.fromEntries(bests),
    ...Object.fromEntries(Object.entries(figures).filter(([n]) => !/loss/.test(n))),
  };
}

const withStages = (recipe: HeatmapRecipe, stages: number): HeatmapRecipe => ({
  ...recipe,
  schedule: { ...recipe.schedule, stages },
});

/** Paper 003: Global Context (Table 3, first stage only) and β (Table 5), on the same runs. */
const globalContext: Claim = {
  id: '003 global context and beta',
  variants: ['without GC', 'with GC'],
  run: (variant, seed, people) =>
    trainLpn(withStages(LPN, 1), { gc: variant === 'with GC', seed, people }, (network) =>
      fineByBeta(network, people, 32),
    ),
};

/** Paper 003, Table 4: four of the seven stages, and as many epochs in one stage, with drops at 60 and 80 % of them. */
const iterative: Claim = {
  id: '003 iterative strategy',
  variants: ['four stages', 'one stage as long'],
  run(variant, seed, people) {
    const stages = withStages(LPN, 4);
    const long = shortened(withStages(RECIPES['lpn-50'], 1), recipeSchedule(stages).epochs / 150);
    return trainLpn(variant === 'four stages' ? stages : long, { gc: true, seed, people });
  },
};

export const CLAIMS: readonly Claim[] = [epochScaled, reducedStem, globalContext, iterative];
