import type { Optimizer, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { assignVariables, readWeights, variablesOf } from '../checkpoint/named-weights';
import { applyGradients, lossAndGradients } from '../fit/train-step';
import type { TrainingBatch } from '../fit/training-batch';
import { jointsMse } from '../losses/joints-mse';
import type { Loss } from '../losses/loss';
import { adam } from '../optimizers/adam';
import type { Codec, Prediction } from '../../targets';
import { heatmapsOf } from './heatmaps-of';
import { inspectHeatmaps } from './inspect-heatmaps';

export interface OverfitOptions<Target = Tensor4D, Output = Tensor4D> {
  /** Steps at most. @defaultValue 300 */
  readonly steps?: number;
  /** The loss to reach, as a fraction of that of an output that is 0 everywhere. @defaultValue 0.1 */
  readonly goal?: number;
  /** Look each so many steps. @defaultValue 20 */
  readonly everySteps?: number;
  /** @defaultValue jointsMse, of a network with one output */
  readonly loss?: Loss<Target, Output>;
  /** Says where heatmaps are, for `peaks`. @defaultValue output and target are heatmaps [N, H, W, K] */
  readonly codec?: Codec<Target, Output>;
  /** What is given stays the caller's, with what it has learnt about the gradients. @defaultValue Adam at 1e-3 */
  readonly optimizer?: Optimizer;
}

export interface OverfitReport {
  readonly passed: boolean;
  readonly steps: number;
  /** Loss of the network in inference, as a fraction of that of an output that is 0 everywhere. */
  readonly loss: number;
  /** Predicted peak ÷ target peak, by keypoint; none where the codec has no heatmaps. */
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
export async function overfit<Target = Tensor4D, Output = Tensor4D>(
  network: LayersModel,
  batch: TrainingBatch<Target>,
  options: OverfitOptions<Target, Output> = {},
): Promise<OverfitReport> {
  const { steps = 300, goal = 0.1, everySteps = 20, codec } = options;
  const loss = options.loss ?? (jointsMse as Loss<unknown, unknown>); // no loss given: Target and Output are heatmaps
  const optimizer = options.optimizer ?? adam(1e-3);
  const weights = await readWeights(network);
  const left = (training: boolean): Promise<number> => lossLeft(network, batch, loss, training);
  try {
    for (let step = 1; ; step++) {
      const { value, gradients } = lossAndGradients(network, optimizer, loss, batch);
      tf.dispose(value);
      await applyGradients(optimizer, gradients, undefined);
      if (step % everySteps !== 0 && step < steps) continue;
      const reached = await left(false);
      const passed = reached < goal;
      if (!passed && step < steps) continue;
      const learnt = !passed && (await left(true)) < goal;
      const advice = passed ? '' : learnt ? adviseOnStatistics(reached) : advise(await batch.weights.data(), reached);
      return { passed, steps: step, loss: reached, peaks: await peaksOf(network, batch, codec), advice };
    }
  } finally {
    assignVariables('overfit', variablesOf(network), weights);
    if (!options.optimizer) optimizer.dispose();
  }
}

/** The loss of what the network predicts, over that of outputs which are 0 everywhere. */
async function lossLeft<Target, Output>(
  network: LayersModel,
  { images, target, weights }: TrainingBatch<Target>,
  loss: Loss<Target, Output>,
  training: boolean,
): Promise<number> {
  const both = tf.tidy(() => {
    const predicted = network.apply(images, { training }) as Prediction;
    const empty = Array.isArray(predicted) ? predicted.map((each) => tf.zerosLike(each)) : tf.zerosLike(predicted);
    return tf.stack([loss(target, weights, predicted as Output), loss(target, weights, empty as Output)]);
  });
  const [own, ofZeros] = await both.data();
  both.dispose();
  return own! / ofZeros!;
}

async function peaksOf(
  network: LayersModel,
  batch: TrainingBatch<unknown>,
  codec: Codec | undefined,
): Promise<readonly number[]> {
  const maps = heatmapsOf(network, batch, codec);
  if (maps === undefined) return [];
  const { peaks } = await inspectHeatmaps(maps.predicted, maps.target, batch.weights);
  tf.dispose([maps.predicted, maps.target]);
  return peaks;
}

function adviseOnStatistics(loss: number): string {
  return (
    `overfit: it learns the batch in training mode, but in inference the loss is ${loss.toPrecision(2)} of that of empty outputs: ` +
    "BatchNorm's running statistics are not those of the batch. Give more people or larger images, so that the smallest maps have more cells, or more steps."
  );
}

function advise(weights: ArrayLike<number>, loss: number): string {
  if (Array.from(weights).every((weight) => !(weight > 0))) {
    return 'overfit: no keypoint of the batch has a weight, so nothing can be learnt. Look at the visibility of its labels.';
  }
  const reached = `overfit: the loss stays at ${loss.toPrecision(2)} of that of empty outputs. `;
  return Number.isFinite(loss)
    ? `${reached}Draw images with their targets to see that they belong together, raise rate or steps, and look for frozen layers.`
    : `${reached}Lower the rate, and look for values that are not finite in the batch.`;
}
