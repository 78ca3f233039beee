/** The record of an epoch: its number, mean loss, rate and validation metrics. */
export interface EpochRecord {
  /** Counted from 0. */
  readonly epoch: number;
  /** Completed optimiser steps at the end of the epoch. */
  readonly step: number;
  /** Mean training loss of the epoch. */
  readonly loss: number;
  readonly learningRate: number;
  /** Metrics of the validation, by name; empty where none ran. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * A learning rate as a pure function of time: epochs or optimiser steps, counted from 0, as the caller chooses.
 * `history` holds the completed epochs, for schedules that react to them ({@link plateau}); the others ignore it.
 */
export type Schedule = (time: number, history?: readonly EpochRecord[]) => number;

export function checkPositive(where: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value > 0 && Number.isFinite(value))) {
      throw new RangeError(`${where}: ${name} must be finite and greater than 0. Received: ${value}.`);
    }
  }
}
