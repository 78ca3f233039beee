import type { NamedWeights } from '../checkpoint/named-weights';
import type { EpochRecord } from '../schedules/schedule';

/** The best epoch of a stage or a run. */
export interface Best {
  readonly epoch: number;
  /** The value of the monitored metric. */
  readonly value: number;
  readonly weights: NamedWeights;
  /** The pose model's file, where a pose model is trained; absent for an epoch before a resumption. */
  readonly file?: Uint8Array;
}

/** The position of a run: the state that a resumed run needs beside the weights and the optimiser. */
export interface RunState {
  /** The current epoch, from 0. */
  epoch: number;
  /** Completed batches of the epoch. */
  batch: number;
  /** Completed optimiser steps of the run. */
  step: number;
  /** Completed batches of the run; random layers draw by this count. */
  passes: number;
  /** Sum and number of the losses of the epoch's steps so far. */
  lossSum: number;
  lossCount: number;
  history: EpochRecord[];
  /** State of the random source at the start of the epoch; a resumed run draws the epoch's batches again. */
  random?: unknown;
  /** Best epoch of the current stage; the stage is the whole run unless the schedule is iterative. */
  best?: Best | undefined;
  /** Best of all stages. */
  overall?: Best | undefined;
}

/**
 * @internal The state of a run before its first step.
 *
 * @example runCheckpoints({ network, optimizer, run: newRun() }, { store })
 */
export function newRun(): RunState {
  return { epoch: 0, batch: 0, step: 0, passes: 0, lossSum: 0, lossCount: 0, history: [] };
}
