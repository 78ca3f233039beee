import type { EpochRecord } from '../schedules/schedule';
import type { Review } from './review-people';

/** The input of the advice. */
export interface RunMetrics {
  readonly history: readonly EpochRecord[];
  /** Total optimiser steps, and people per step. */
  readonly steps: number;
  readonly batchSize: number;
  /** Number of people in training. */
  readonly people: number;
  readonly review: Review;
  /** The metric that selects the best epoch, and whether higher is better. */
  readonly monitor: string;
}

/** Passes over the people below which a run from scratch has hardly started: the shortest of the papers' recipes has 10, most have over 100. */
const FEW_PASSES = 10;

/**
 * Suggests what to try next, from a run's metrics: whether it was too short, overfits, or still improves; keypoints that lag behind, and sides that look swapped.
 *
 * @example for (const line of trainingAdvice(figures)) console.log(line);
 */
export function trainingAdvice({ history, steps, batchSize, people, review, monitor }: RunMetrics): string[] {
  const lines: string[] = [];
  const passes = (steps * batchSize) / Math.max(1, people);
  const shown = passes < 10 ? passes.toFixed(1) : Math.round(passes);
  lines.push(`${steps} steps of ${batchSize} people saw each of ${people} people ${shown} times.`);
  if (passes < FEW_PASSES) {
    lines.push(
      `That is few: recipes see each person from 10 to about 200 times. For ${people} people, ${Math.ceil((FEW_PASSES * people) / batchSize)} steps are a start.`,
    );
  }
  const values = history.flatMap(({ epoch, metrics }) => (metrics[monitor] === undefined ? [] : [{ epoch, value: metrics[monitor] }])); // prettier-ignore
  if (values.length >= 6) {
    const third = Math.ceil(values.length / 3);
    const most = (list: typeof values): number => Math.max(...list.map(({ value }) => value));
    const [early, late] = [most(values.slice(0, -third)), most(values.slice(-third))];
    const fell = history.at(-1)!.loss < 0.9 * history[history.length - third]!.loss;
    if (late > early * 1.01)
      lines.push(`${monitor} still rises: train longer (--shorten, or the recipe's own length).`);
    else if (fell && late < early) {
      lines.push(`${monitor} has fallen since its best while the loss keeps falling: the network overfits. Try more people, more augmentation or --patience.`); // prettier-ignore
    }
  }
  const labelled = review.perKeypoint.filter((each) => each.labelled > 0);
  const mean = labelled.reduce((sum, { found }) => sum + found, 0) / Math.max(1, labelled.length);
  const behind = labelled.filter(({ found }) => found < 0.6 * mean).map(({ name }) => name);
  if (mean > 0.2 && behind.length > 0)
    lines.push(
      `Behind the others: ${behind.join(', ')}. Look at their labels (poseblocks doctor, poseblocks preview).`,
    );
  const swapped = labelled.filter(({ error, mirrored, found }) => mirrored < 0.7 * error && found < 0.5).map(({ name }) => name); // prettier-ignore
  if (swapped.length > 0)
    lines.push(`Nearer to their counterparts than to themselves: ${swapped.join(', ')}. Are left and right swapped in the annotations or in the flip pairs?`); // prettier-ignore
  const unlabelled = review.perKeypoint.filter((each) => each.labelled === 0).map(({ name }) => name);
  if (unlabelled.length > 0) lines.push(`No held-out person has these labelled: ${unlabelled.join(', ')}.`);
  return lines;
}
