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

/** Options of {@link overfit}. */
export interface OverfitOptions<Target = Tensor4D, Output = Tensor4D> {
  /** Maximum number of steps. @defaultValue 300 */
  readonly steps?: number;
  /** The loss to reach, as a fraction of the loss of all-zero outputs. @defaultValue 0.1 */
  readonly goal?: number;
  /** Check every N steps. @defaultValue 20 */
  readonly everySteps?: number;
  /** The loss. @defaultValue jointsMse, for a network with one output */
  readonly loss?: Loss<Target, Output>;
  /** The codec, which locates the heatmaps for `peaks`. @defaultValue output and target are heatmaps [N, H, W, K] */
  readonly codec?: Codec<Target, Output>;
  /** The optimiser. A given optimiser belongs to the caller and keeps its state. @defaultValue Adam at 1e-3 */
  readonly optimizer?: Optimizer;
}

/** What {@link overfit} measured. */
export interface OverfitReport {
  readonly passed: boolean;
  readonly steps: number;
  /** Loss of the network in inference, as a fraction of the loss of all-zero outputs. */
  readonly loss: number;
  /** Predicted peak ÷ target peak, by keypoint; empty where the codec has no heatmaps. */
  readonly peaks: readonly number[];
  /** What to check when it has not passed. */
  readonly advice: string;
}

/**
 * A self-test before a long run: can the network overfit a few people? If not, more training will not help.
 * The weights of the network are restored; the batch belongs to the caller.
 *
 * @param batch people with their targets, about 2 to 16
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
  const loss = options.loss ?? (jointsMse as Loss<unknown, unknown>); // without a loss, Target and Output are heatmaps
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

/** The loss of the network's predictions, divided by the loss of all-zero outputs. */
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
    `overfit: it learns the batch in training mode, but in inference the loss is ${loss.toPrecision(2)} of that of all-zero outputs: ` +
    "BatchNorm's running statistics are not those of the batch. Give more people or larger images, so that the smallest maps have more cells, or more steps."
  );
}

function advise(weights: ArrayLike<number>, loss: number): string {
  if (Array.from(weights).every((weight) => !(weight > 0))) {
    return 'overfit: no keypoint of the batch has a weight, so nothing can be learned. Look at the visibility of its labels.';
  }
  const reached = `overfit: the loss stays at ${loss.toPrecision(2)} of that of all-zero outputs. `;
  return Number.isFinite(loss)
    ? `${reached}Draw images with their targets to see that they belong together, raise rate or steps, and look for frozen layers.`
    : `${reached}Lower the rate, and look for values that are not finite in the batch.`;
}
