import type { LayersModel } from '@tensorflow/tfjs-layers';
import { epochScale } from 'poseblocks/targets';
import {
  adam,
  fit,
  iterativeSchedule,
  jointsMse,
  multiStep,
  rmsprop,
  withTargets,
  type FitOptions,
  type StatefulOptimizer,
} from 'poseblocks/training';
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

async function train(
  network: LayersModel,
  optimizer: StatefulOptimizer,
  options: Omit<FitOptions, 'optimizer' | 'loss'>,
): ReturnType<typeof fit> {
  try {
    return await fit(network, { optimizer, loss: jointsMse, ...options });
  } finally {
    optimizer.dispose();
  }
}

const release = (network: LayersModel): void => network.weights.forEach((weight) => weight.read().dispose());

/** Paper 000: targets of peak 1 against targets that start at peak 100 and shrink with the epoch. */
const epochScaled: Claim = {
  id: '000 epoch-scaled targets',
  variants: ['plain', 'epoch-scaled'],
  async run(variant, seed, people) {
    const network = smallBaseline({ seed });
    const codec = codecOf(64, { sigma: 2 });
    const factor = variant === 'plain' ? () => 1 : epochScale();
    const figures: Record<string, number> = {};
    const epochs = 6;
    await train(network, adam(1e-3), {
      epochs,
      batches: withTargets(
        (epoch) => people.batches(seed, epoch),
        (batch, epoch) => codec.withFactor(factor(epoch)).encodeBatch(batch),
      ),
      callbacks: [
        {
          onEpoch: async ({ epoch }) => {
            if ((epoch + 1) % 3 !== 0) return;
            const { PCK } = await accuracy(network, people, codec);
            figures[`PCK@0.2 after ${epoch + 1} epochs`] = PCK;
            figures[`peak after ${epoch + 1} epochs`] = await meanPeak(network, people, factor(epoch));
          },
        },
      ],
    });
    release(network);
    return figures;
  },
};

/** Paper 001: training loss after five epochs of RMSprop, with the original and the reduced stem. */
const reducedStem: Claim = {
  id: '001 reduced stem',
  variants: ['original', 'reduced'],
  async run(variant, seed, people) {
    const network = smallHourglass({ reduced: variant === 'reduced', seed });
    const codec = codecOf(16, { sigma: 1 });
    const { history } = await train(network, rmsprop(2.5e-4), {
      epochs: 10,
      batches: withTargets(
        (epoch) => people.batches(seed, epoch),
        (batch) => codec.encodeBatch(batch),
      ),
    });
    const { PCK } = await accuracy(network, people, codec);
    const figures = {
      'loss after 5 epochs': history[4]!.loss,
      'loss after 10 epochs': history[9]!.loss,
      'PCK@0.2 after 10 epochs': PCK,
      weights: network.countParams(),
    };
    release(network);
    return figures;
  },
};

/** Paper 003: Global Context, the iterative strategy (Table 4) and β (Table 5), on the same runs. */
const lightweight: Claim = {
  id: '003 lightweight pose network',
  variants: ['without GC', 'with GC'],
  async run(variant, seed, people) {
    const gc = variant === 'with GC';
    const network = smallLpn({ gc, seed });
    const codec = codecOf(32, { sigma: 2 });
    // a fifteenth of the paper's epochs: 10, drops at 6 and 8, each later stage from 4
    const schedule = iterativeSchedule({
      stages: gc ? 3 : 1,
      epochs: 10,
      restart: 4,
      schedule: multiStep({ rate: 1e-3, milestones: [6, 8] }),
    });
    const figures: Record<string, number> = {};
    const stages: { fine: number; PCK: number }[] = [];
    await train(network, adam(1e-3), {
      schedule,
      epochs: schedule.epochs,
      batches: withTargets(
        (epoch) => people.batches(seed, epoch),
        (batch) => codec.encodeBatch(batch),
      ),
      validate: async () => ({ ...(await accuracy(network, people, codec)) }),
      validateEvery: 2,
      monitor: 'fine',
      callbacks: [
        {
          onEpoch: async ({ epoch, metrics }) => {
            const { fine, PCK } = metrics;
            if (fine === undefined) return;
            const { stage } = schedule.stageAt(epoch);
            const best = stages[stage];
            if (!best || fine >= best.fine) stages[stage] = { fine, PCK: PCK! };
            if (epoch === 9) Object.assign(figures, await fineByBeta(network, people, 32));
          },
        },
      ],
    });
    stages.forEach(({ fine, PCK }, stage) => {
      figures[`PCK@0.05 of stage ${stage}`] = fine;
      figures[`PCK@0.2 of stage ${stage}`] = PCK;
    });
    release(network);
    return figures;
  },
};

export const CLAIMS: readonly Claim[] = [epochScaled, reducedStem, lightweight];
