import type { NamedWeights } from '../checkpoint/named-weights';
import type { EpochRecord } from '../schedules/schedule';

/** The best epoch of a stage or a run. */
export interface Best {
  readonly epoch: number;
  readonly figure: number;
  readonly weights: NamedWeights;
  /** The pose model's file, where one was trained; not of an epoch before a resumption. */
  readonly file?: Uint8Array;
}

/** Where a run is. Everything that a resumed run must know and that is neither a weight nor the optimiser's. */
export interface RunState {
  /** The epoch under way, from 0. */
  epoch: number;
  /** Batches of it that are done. */
  batch: number;
  /** Optimiser steps done in all. */
  step: number;
  /** Batches done in all: what random layers draw by. */
  passes: number;
  /** Sum of the losses of the epoch's steps so far, and how many they are. */
  lossSum: number;
  lossCount: number;
  history: EpochRecord[];
  /** What the random source was at the start of the epoch; its batches are drawn again when a run is resumed. */
  random?: unknown;
  /** Best of the present stage; the stage is the whole run unless the schedule is iterative. */
  best?: Best | undefined;
  /** Best of all stages. */
  overall?: Best | undefined;
}

/**
 * @internal The state of a run that has not begun.
 *
 * @example runCheckpoints({ network, optimizer, run: newRun() }, { store })
 */
export function newRun(): RunState {
  return { epoch: 0, batch: 0, step: 0, passes: 0, lossSum: 0, lossCount: 0, history: [] };
}
