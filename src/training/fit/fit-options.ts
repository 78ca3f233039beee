import type { Optimizer, Tensor4D } from '@tensorflow/tfjs-core';
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

export interface FitOptions<Target = Tensor4D, Predicted = Tensor4D> {
  /** How many; that of all stages unless told where the schedule is iterative. */
  readonly epochs?: number;
  /** The batches of each epoch. `fit` disposes them. */
  readonly batches: Batches<TrainingBatch<Target>>;
  readonly loss: Loss<Target, Predicted>;
  readonly optimizer: Optimizer;
  /** The optimiser's own rate, all along, unless told. With an {@link IterativeSchedule}, stages are run. */
  readonly schedule?: Schedule | IterativeSchedule;
  /** What the schedule counts: `'epoch'` (default) or `'step'`. */
  readonly scheduleBy?: 'epoch' | 'step';
  /** Batches whose gradients are averaged into one step, 1 unless told. */
  readonly accumulate?: number;
  /** The largest L2 norm of all gradients together; not clipped unless told. */
  readonly clipNorm?: number;
  /** An average of the weights, updated after each step and in the network's place during validation. */
  readonly average?: WeightAverage;
  /** Figures by name, measured after an epoch: `{ AP }`, `{ PCK }`. */
  readonly validate?: (network: LayersModel, epoch: number) => Promise<Readonly<Record<string, number>>>;
  /** Validate after each so many epochs and after the last, 1 unless told. */
  readonly validateEvery?: number;
  /** Which epoch is best: by `'loss'` (default) or the name of a figure. Of equals the later. */
  readonly monitor?: string;
  /** `'min'` for the loss and `'max'` for a figure unless told. */
  readonly mode?: 'min' | 'max';
  /** Whether to stop after an epoch: {@link earlyStop}. */
  readonly stopWhen?: (history: readonly EpochRecord[]) => boolean;
  readonly callbacks?: readonly Callback[];
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly checkpoint?: CheckpointOptions;
  /** A source of random numbers whose state belongs into the checkpoint. */
  readonly random?: Resumable;
}

export interface FitResult {
  readonly history: readonly EpochRecord[];
  /** The best epoch of all, with its weights; undefined where no epoch was finished or none had the figure. */
  readonly best: Best | undefined;
  /** Optimiser steps in all, those before a resumption included. */
  readonly steps: number;
  readonly reason: 'done' | 'stopped' | 'aborted';
}
