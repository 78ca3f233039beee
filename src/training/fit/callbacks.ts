import type { Optimizer } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochRecord } from '../schedules/schedule';
import type { TrainingBatch } from './training-batch';

/** What is known after an optimiser step. */
export interface StepEvent {
  /** Counted from 0, as are `batch` and `step`. */
  readonly epoch: number;
  /** Position in the epoch of the last batch of this step. */
  readonly batch: number;
  /** Optimiser steps before this one, over the whole run. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  /** L2 norm of all gradients before clipping; only where `clipNorm` asks for it. */
  readonly gradientNorm?: number;
  readonly network: LayersModel;
  readonly optimizer: Optimizer;
  /** The batch, alive until the callback returns. */
  readonly data: TrainingBatch<unknown>;
}

/** What is known after an epoch and its validation. */
export interface EpochEvent extends EpochRecord {
  readonly epochs: number;
  readonly network: LayersModel;
  /** Whether it is the best so far (of its stage). */
  readonly improved: boolean;
}

export interface StartEvent {
  readonly network: LayersModel;
  readonly epochs: number;
  /** The epoch, batch and step at which the run begins; not 0 where it was resumed. */
  readonly epoch: number;
  readonly batch: number;
  readonly step: number;
  readonly stepsPerEpoch?: number;
}

/** Something that watches a run. What it throws ends the run; `fit` waits for what it promises. */
export interface Callback {
  onStart?(event: StartEvent): void | Promise<void>;
  onStep?(event: StepEvent): void | Promise<void>;
  onEpoch?(event: EpochEvent): void | Promise<void>;
  /** Always called last, also when the run failed: close files here. */
  onEnd?(): void | Promise<void>;
}
