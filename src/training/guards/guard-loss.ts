import * as tf from '@tensorflow/tfjs-core';
import type { Callback, StepEvent } from '../fit/callbacks';
import { variablesOf } from '../checkpoint/named-weights';
import { endRun, type GuardOptions } from './fault';

/** Options of {@link guardLoss}. */
export interface LossGuardOptions extends GuardOptions {
  /** A loss more than this many times the median of the last `window` counts as exploding. @defaultValue 10 */
  readonly factor?: number;
  /** Steps of the median; nothing is reported before a fifth of them. @defaultValue 50 */
  readonly window?: number;
  /** Number of consecutive steps: a single hard batch is not an explosion. @defaultValue 3 */
  readonly patience?: number;
}

/**
 * Detects a loss that is NaN or infinite, and reports whether the batch or the weights cause it; also detects an exploding loss.
 *
 * @example
 * fit(network, { callbacks: [guardLoss()], … });
 */
export function guardLoss(options: LossGuardOptions = {}): Callback {
  const { factor = 10, window = 50, patience = 3, onFault = endRun } = options;
  let recent: number[] = [];
  let above = 0;
  return {
    async onStep(event) {
      const { epoch, step, loss, learningRate } = event;
      const damaged = await damagedPart(event);
      if (damaged !== undefined || !Number.isFinite(loss)) {
        const message = `the loss is ${loss} at rate ${learningRate}: ${damaged ?? (await culprit(event))}`;
        onFault({ kind: 'not-finite', epoch, step, message });
        return;
      }
      const sorted = [...recent].sort((a, b) => a - b);
      const median = sorted[sorted.length >> 1] ?? Infinity;
      above = recent.length >= window / 5 && loss > factor * median ? above + 1 : 0;
      if (above === patience) {
        const message =
          `the loss is ${loss.toPrecision(3)}, over ${factor} times its median ${median.toPrecision(3)}, at rate ${learningRate}. ` +
          'Lower the rate, warm it up (warmUp), or clip gradients (clipNorm).';
        onFault({ kind: 'exploding-loss', epoch, step, message });
      }
      if (above === 0) recent = [...recent, loss].slice(-window);
    },
  };
}

/** Checked at every step: a fused ReLU may turn NaN into 0 (the stock wasm engine's does), so the NaN does not reach the loss. */
async function damagedPart({ data }: StepEvent): Promise<string | undefined> {
  for (const [name, tensors] of Object.entries(data)) {
    for (const tensor of [tensors].flat()) {
      if (tensor instanceof tf.Tensor && !(await isFinite(tensor))) {
        return `the batch's ${name} are not finite. Look for damaged images or annotations, and at their normalisation.`;
      }
    }
  }
  return undefined;
}

async function culprit({ network }: StepEvent): Promise<string> {
  const bad: string[] = [];
  for (const [name, variable] of variablesOf(network)) if (!(await isFinite(variable))) bad.push(name);
  return bad.length > 0
    ? `${bad.length} weights are not finite, the first is ${bad[0]}. Lower the rate, warm it up (warmUp), or clip gradients (clipNorm).`
    : 'batch and weights are finite, the loss itself is not. Look for a division by zero or a logarithm in it.';
}

async function isFinite(tensor: tf.Tensor): Promise<boolean> {
  const sum = tf.tidy(() => tf.sum(tf.mul(tensor, 0))); // 0·NaN and 0·∞ are NaN
  const [value] = await sum.data();
  sum.dispose();
  return value === 0;
}
