import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from 'poseblocks/engines';
import { adam, jointsMse, type Callback, type EpochEvent, type FitOptions, type StepEvent } from 'poseblocks/training';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { dotBatches } from './tiny';

let made: { dispose(): unknown }[] = [];

/** Starts wasm, disposes what tests own, and sees that they leave no tensor. */
export function withoutLeaks(): void {
  let before = 0;
  beforeAll(() => useEngine('wasm').then(() => undefined));
  beforeEach(() => {
    made = [];
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    for (const thing of made) thing.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
}

/** Disposed after the test. */
export const owned = <T extends { dispose(): unknown }>(thing: T): T => (made.push(thing), thing);

/** What a run told. */
export interface Recorder {
  readonly steps: StepEvent[];
  readonly epochs: EpochEvent[];
  readonly callback: Callback;
  readonly ends: () => number;
}

export function recorder(): Recorder {
  const steps: StepEvent[] = [];
  const epochs: EpochEvent[] = [];
  let ends = 0;
  const callback: Callback = {
    onStep: (event) => void steps.push(event),
    onEpoch: (event) => void epochs.push(event),
    onEnd: () => void ends++,
  };
  return { steps, epochs, callback, ends: () => ends };
}

/** Two epochs of three batches. */
export const base = (): FitOptions => ({
  epochs: 2,
  batches: dotBatches(3),
  loss: jointsMse,
  optimizer: owned(adam(1e-2)),
});
