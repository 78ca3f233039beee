import type { NamedTensorMap, Optimizer, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Resumable } from '../checkpoint/resumable';
import type { CheckpointOptions } from '../checkpoint/run-checkpoints';
import type { WeightAverage } from '../gradients/weight-average';
import type { Loss } from '../losses/loss';
import type { IterativeSchedule } from '../schedules/iterative-schedule';
import type { EpochRecord, Schedule } from '../schedules/schedule';
import type { Callback } from './callbacks';
import type { Best } from './run-state';
import type { Batches, TrainingBatch } from './training-batch';

/** Options of {@link fit}. */
export interface FitOptions<Target = Tensor4D, Predicted = Tensor4D> {
  /** Number of epochs. @defaultValue with an iterative schedule, the sum of its stages */
  readonly epochs?: number;
  /** The batches of each epoch. `fit` disposes them. */
  readonly batches: Batches<TrainingBatch<Target>>;
  /** Of a batch: target, weights and output to a scalar. */
  readonly loss: Loss<Target, Predicted>;
  /** Changes the weights. */
  readonly optimizer: Optimizer;
  /** Learning rate schedule. An {@link IterativeSchedule} runs in stages. @defaultValue the optimiser's rate, constant */
  readonly schedule?: Schedule | IterativeSchedule;
  /** Time unit of the schedule: `'epoch'` or `'step'`. @defaultValue `'epoch'` */
  readonly scheduleBy?: 'epoch' | 'step';
  /**
   * Computes the loss and the gradients of a batch, by the variables' names; `pass` counts the batches of the run, and random layers draw by it. The gradients belong to `fit`.
   * `trainingTeam` of `poseblocks/training/node` computes them in several threads. @defaultValue on this thread, by `loss`
   */
  readonly gradients?: (
    batch: TrainingBatch<Target>,
    pass: number,
  ) => Promise<{ readonly loss: number; readonly gradients: NamedTensorMap }>;
  /** Batches whose gradients are averaged into one step. @defaultValue 1 */
  readonly accumulate?: number;
  /** Maximum L2 norm of all gradients together. @defaultValue no clipping */
  readonly clipNorm?: number;
  /** EMA of the weights, updated after each step and used in place of the weights for validation. */
  readonly average?: WeightAverage;
  /** Validation: metrics by name, measured after an epoch: `{ AP }`, `{ PCK }`. */
  readonly validate?: (network: LayersModel, epoch: number) => Promise<Readonly<Record<string, number>>>;
  /** Validate every N epochs and after the last. @defaultValue 1 */
  readonly validateEvery?: number;
  /** The value that selects the best epoch: `'loss'` or the name of a metric. Ties go to the later epoch. @defaultValue `'loss'` */
  readonly monitor?: string;
  /** Whether lower or higher is better. @defaultValue `'min'` for the loss, `'max'` for a metric */
  readonly mode?: 'min' | 'max';
  /** Decides after an epoch whether to stop: {@link earlyStop}. */
  readonly stopWhen?: (history: readonly EpochRecord[]) => boolean;
  /** Called at the start, after steps and epochs, and at the end. */
  readonly callbacks?: readonly Callback[];
  /** Ends the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Saves the run's state, and resumes from it. */
  readonly checkpoint?: CheckpointOptions;
  /** A random source whose state is saved in the checkpoint. */
  readonly random?: Resumable;
}

/** What {@link fit} returns. */
export interface FitResult {
  readonly history: readonly EpochRecord[];
  /** The best epoch of the run with its weights; undefined where no epoch was completed or none has the metric. */
  readonly best: Best | undefined;
  /** Total optimiser steps, including those before a resumption. */
  readonly steps: number;
  readonly reason: 'done' | 'stopped' | 'aborted';
}
