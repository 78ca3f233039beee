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
  /** How many. @defaultValue with an iterative schedule, those of all its stages */
  readonly epochs?: number;
  /** The batches of each epoch. `fit` disposes them. */
  readonly batches: Batches<TrainingBatch<Target>>;
  readonly loss: Loss<Target, Predicted>;
  readonly optimizer: Optimizer;
  /** With an {@link IterativeSchedule}, stages are run. @defaultValue the optimiser's own rate, throughout */
  readonly schedule?: Schedule | IterativeSchedule;
  /** What the schedule counts: `'epoch'` (default) or `'step'`. */
  readonly scheduleBy?: 'epoch' | 'step';
  /** Batches whose gradients are averaged into one step. @defaultValue 1 */
  readonly accumulate?: number;
  /** The largest L2 norm of all gradients together. @defaultValue not clipped */
  readonly clipNorm?: number;
  /** An average of the weights, updated after each step and in the network's place during validation. */
  readonly average?: WeightAverage;
  /** Figures by name, measured after an epoch: `{ AP }`, `{ PCK }`. */
  readonly validate?: (network: LayersModel, epoch: number) => Promise<Readonly<Record<string, number>>>;
  /** Validate after each so many epochs and after the last. @defaultValue 1 */
  readonly validateEvery?: number;
  /** Which epoch is best: by `'loss'` (default) or the name of a figure. Of equals the later. */
  readonly monitor?: string;
  /** Whether less or more is better. @defaultValue `'min'` for the loss, `'max'` for a metric */
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
