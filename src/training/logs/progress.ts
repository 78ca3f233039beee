import * as tf from '@tensorflow/tfjs-core';
import type { Callback, EpochEvent, StartEvent, StepEvent } from '../fit/callbacks';

/** The progress of a run, for a progress bar or a page. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** Completed batches of the epoch. */
  readonly batch: number;
  /** Batches of the epoch; known from the second epoch on, or with the option. */
  readonly batches?: number;
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Speed over the last few dozen steps. */
  readonly stepsPerSecond: number;
  /** Remaining seconds of the whole run; known once the length of an epoch is. */
  readonly secondsLeft?: number;
  readonly tensors: number;
  readonly megabytes: number;
  /** Metrics of the last validation. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** Receives every state: draw a bar, or print {@link formatProgress}. */
  readonly show: (progress: Progress) => void;
  /** Number of batches per epoch, if known. */
  readonly batchesPerEpoch?: number;
  /** Clock in seconds from any origin. @defaultValue the system's clock */
  readonly clock?: () => number;
}

const WINDOW = 32;

/**
 * Reports the progress of a run after each step: loss, rate, remaining time, memory.
 *
 * @example
 * fit(network, { callbacks: [progress({ show: (p) => process.stderr.write(`\r${formatProgress(p)}`) })], … });
 */
export function progress({ show, batchesPerEpoch, clock = () => performance.now() / 1000 }: ProgressOptions): Callback {
  let epochs = 0;
  let batches = batchesPerEpoch;
  let perStep = 1;
  let times: number[] = [];
  let metrics: EpochEvent['metrics'] = {};
  let lastBatch = 0;
  return {
    onStart: (event: StartEvent) => {
      epochs = event.epochs;
      times = [clock()];
    },
    onStep: ({ epoch, batch, step, loss, learningRate }: StepEvent) => {
      times = [...times, clock()].slice(-WINDOW - 1);
      const stepsPerSecond = (times.length - 1) / Math.max(times.at(-1)! - times[0]!, 1e-9);
      const done = batch + 1;
      perStep = done > lastBatch ? done - lastBatch : done; // batches accumulated per step
      lastBatch = done;
      const left = batches === undefined ? undefined : ((epochs - epoch) * batches - done) / perStep / stepsPerSecond;
      const { numTensors: tensors, numBytes } = tf.memory();
      show({
        epoch,
        epochs,
        batch: done,
        ...(batches !== undefined && { batches }),
        step,
        loss,
        learningRate,
        stepsPerSecond,
        ...(left !== undefined && { secondsLeft: Math.max(0, left) }),
        tensors,
        megabytes: numBytes / 2 ** 20,
        metrics,
      });
    },
    onEpoch: (event: EpochEvent) => {
      batches = batchesPerEpoch ?? lastBatch;
      lastBatch = 0;
      times = [clock()]; // validation does not count as a step
      metrics = event.metrics;
    },
  };
}

/**
 * One line: `epoch 3/20 · 12/40 · loss 0.00123 · lr 1.0e-3 · 2.1 steps/s · 4:05 left · 412 MB, 1032 tensors · AP 0.512`.
 *
 * @example fit(network, { …, callbacks: [progress({ show: (state) => console.log(formatProgress(state)) })] });
 */
export function formatProgress(p: Progress): string {
  return [
    `epoch ${p.epoch + 1}/${p.epochs}`,
    `${p.batch}${p.batches === undefined ? '' : `/${p.batches}`}`,
    `loss ${p.loss.toPrecision(3)}`,
    `lr ${p.learningRate.toExponential(1)}`,
    p.stepsPerSecond >= 1 ? `${p.stepsPerSecond.toFixed(1)} steps/s` : `${(1 / p.stepsPerSecond).toFixed(1)} s/step`,
    ...(p.secondsLeft === undefined ? [] : [`${formatDuration(p.secondsLeft)} left`]),
    `${p.megabytes.toFixed(0)} MB, ${p.tensors} tensors`,
    ...Object.entries(p.metrics).map(([name, value]) => `${name} ${value.toFixed(3)}`),
  ].join(' · ');
}

/** @internal `0:07`, `12:30`, `3:02:15`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
