import type { Optimizer, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { assignWeights, readWeights, variablesOf } from '../checkpoint/named-weights';
import { applyGradients, lossAndGradients } from '../fit/train-step';
import type { TrainingBatch } from '../fit/training-batch';
import { jointsMse } from '../losses/joints-mse';
import type { Loss } from '../losses/loss';
import { adam } from '../optimizers/adam';
import { predictHeatmaps } from '../validation/validate';
import { inspectHeatmaps, type HeatmapInspection } from './inspect-heatmaps';

export interface OverfitOptions {
  /** Steps at most, 300 unless told. */
  readonly steps?: number;
  /** The loss to reach, as a fraction of that of empty heatmaps; 0.1 unless told. */
  readonly goal?: number;
  /** Look each so many steps, 20 unless told. */
  readonly everySteps?: number;
  readonly loss?: Loss<Tensor4D, Tensor4D>;
  /** Adam at 1e-3 unless told. What is given stays the caller's, with what it has learnt about the gradients. */
  readonly optimizer?: Optimizer;
}

export interface OverfitReport {
  readonly passed: boolean;
  readonly steps: number;
  /** Loss of the network in inference, as a fraction of that of empty heatmaps. */
  readonly loss: number;
  /** Predicted peak ÷ target peak, by keypoint. */
  readonly peaks: readonly number[];
  /** What to look at where it has not passed. */
  readonly advice: string;
}

/**
 * A self-test before a long run: can the network learn n people by heart? If not, no amount of training will help.
 * The network gets its weights back; the batch stays the caller's.
 *
 * @param batch n people with their targets, some 2 to 16
 * @example
 * const { passed, advice } = await overfit(network, batch);
 * if (!passed) throw new Error(advice);
 */
export async function overfit(
  network: LayersModel,
  batch: TrainingBatch,
  options: OverfitOptions = {},
): Promise<OverfitReport> {
  const { steps = 300, goal = 0.1, everySteps = 20, loss = jointsMse } = options;
  const optimizer = options.optimizer ?? adam(1e-3);
  const weights = await readWeights(network);
  try {
    for (let step = 1; ; step++) {
      const { value, gradients } = lossAndGradients(network, optimizer, loss, batch);
      tf.dispose(value);
      await applyGradients(optimizer, gradients, undefined);
      if (step % everySteps !== 0 && step < steps) continue;
      const inspection = await inspect(network, batch, false);
      const passed = inspection.loss < goal;
      if (!passed && step < steps) continue;
      const learnt = !passed && (await inspect(network, batch, true)).loss < goal;
      const advice = passed ? '' : learnt ? adviseOnStatistics(inspection) : advise(inspection);
      return { passed, steps: step, loss: inspection.loss, peaks: inspection.peaks, advice };
    }
  } finally {
    assignWeights('overfit', variablesOf(network), weights);
    if (!options.optimizer) optimizer.dispose();
  }
}

async function inspect(network: LayersModel, batch: TrainingBatch, training: boolean): Promise<HeatmapInspection> {
  const predicted = training
    ? tf.tidy(() => [network.apply(batch.images, { training }) as Tensor4D | Tensor4D[]].flat().at(-1)!)
    : predictHeatmaps(network, batch.images);
  const inspection = await inspectHeatmaps(predicted, batch.target, batch.weights);
  predicted.dispose();
  return inspection;
}

function adviseOnStatistics({ loss }: HeatmapInspection): string {
  return (
    `overfit: it learns the batch in training mode, but in inference the loss is ${loss.toPrecision(2)} of that of empty heatmaps: ` +
    "BatchNorm's running statistics are not those of the batch. Give more people or larger images, so that the smallest maps have more cells, or more steps."
  );
}

function advise({ labelled, loss }: HeatmapInspection): string {
  if (labelled.every((count) => count === 0)) {
    return 'overfit: no keypoint of the batch has a weight, so nothing can be learnt. Look at the visibility of its labels.';
  }
  const reached = `overfit: the loss stays at ${loss.toPrecision(2)} of that of empty heatmaps. `;
  return Number.isFinite(loss)
    ? `${reached}Draw images with their targets to see that they belong together, raise rate or steps, and look for frozen layers.`
    : `${reached}Lower the rate, and look for values that are not finite in the batch.`;
}
