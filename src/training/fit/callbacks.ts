import type { Optimizer } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { EpochRecord } from '../schedules/schedule';
import type { TrainingBatch } from './training-batch';

/** The state after an optimiser step. */
export interface StepEvent {
  /** Counted from 0, like `batch` and `step`. */
  readonly epoch: number;
  /** Position in the epoch of this step's last batch. */
  readonly batch: number;
  /** Optimiser steps of the whole run before this one. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  /** L2 norm of all gradients before clipping; only with `clipNorm`. */
  readonly gradientNorm?: number;
  readonly network: LayersModel;
  readonly optimizer: Optimizer;
  /** The batch; its tensors are valid until the callback returns. */
  readonly data: TrainingBatch<unknown>;
}

/** The state after an epoch and its validation. */
export interface EpochEvent extends EpochRecord {
  readonly epochs: number;
  readonly network: LayersModel;
  /** Whether it is the best epoch so far (of its stage). */
  readonly improved: boolean;
}

/** What callbacks are told when a run starts. */
export interface StartEvent {
  readonly network: LayersModel;
  readonly epochs: number;
  /** The epoch, batch and step at which the run starts; not 0 when it resumes. */
  readonly epoch: number;
  readonly batch: number;
  readonly step: number;
  readonly stepsPerEpoch?: number;
}

/** Observes a run. An exception ends the run; `fit` awaits returned promises. */
export interface Callback {
  onStart?(event: StartEvent): void | Promise<void>;
  onStep?(event: StepEvent): void | Promise<void>;
  onEpoch?(event: EpochEvent): void | Promise<void>;
  /** Always called last, also after a failed run: close files here. */
  onEnd?(): void | Promise<void>;
}
