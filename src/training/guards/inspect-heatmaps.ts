import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { KeypointSet } from '../../keypoints';
import { jointsMse } from '../losses/joints-mse';

/** Predicted heatmaps compared with their targets. */
export interface HeatmapInspection {
  /** Number of people in the batch with the keypoint labelled, by keypoint. */
  readonly labelled: readonly number[];
  /** Mean over them of predicted peak ÷ target peak; NaN where there are none. */
  readonly peaks: readonly number[];
  /** The loss as a fraction of the loss of all-zero heatmaps. */
  readonly loss: number;
}

/** @internal Compares predicted with target heatmaps, [N, H, W, K]. Reads back a few numbers per keypoint. */
export async function inspectHeatmaps(
  predicted: Tensor4D,
  target: Tensor4D,
  weights: Tensor2D,
): Promise<HeatmapInspection> {
  const [labelled, ratios, losses] = tf.tidy(() => {
    const visible = tf.cast(tf.greater(weights, 0), 'float32');
    const peak = (maps: Tensor4D): tf.Tensor => tf.max(maps, [1, 2]);
    const ratio = tf.divNoNan(peak(predicted), peak(target));
    const counts = tf.sum(visible, 0);
    return [
      counts,
      tf.div(tf.sum(tf.mul(ratio, visible), 0), counts),
      tf.stack([jointsMse(target, weights, predicted), jointsMse(target, weights, tf.zerosLike(target))]),
    ];
  });
  const [counts, peaks, [loss, ofZeros]] = await Promise.all([labelled.data(), ratios.data(), losses.data()]);
  tf.dispose([labelled, ratios, losses]);
  return { labelled: [...counts], peaks: [...peaks], loss: loss! / ofZeros! };
}

/**
 * How much of the prediction for a keypoint lies on its left–right counterpart, for each flip pair: the overlap with
 * the counterpart's target ÷ the overlap with either. Near 0 in a network that distinguishes them, ½ in one trained on
 * both, near 1 where labels are swapped; NaN for a pair that overlaps in the batch, or where the prediction
 * does not consist of peaks at the two (its correlation with both targets together is below 0.4), as at the start of training.
 */
export async function pairConfusion(
  predicted: Tensor4D,
  target: Tensor4D,
  weights: Tensor2D,
  set: KeypointSet,
): Promise<number[]> {
  const read = tf.tidy(() => set.flipPairs.map((pair) => confusionOf(pair, predicted, target, weights)));
  const values = await Promise.all(read.map(async (tensor) => (await tensor.data())[0]!));
  tf.dispose(read);
  return values;
}

function confusionOf([a, b]: readonly [number, number], ...maps: [Tensor4D, Tensor4D, Tensor2D]): tf.Tensor {
  const [predicted, target, weights] = maps;
  const channel = (tensor: tf.Tensor, k: number): tf.Tensor => tf.gather(tensor, [k], tensor.rank - 1);
  const dot = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.sum(tf.mul(x, y), [1, 2]);
  const centred = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mean(x, [1, 2], true));
  const [pa, pb, ta, tb] = [channel(predicted, a), channel(predicted, b), channel(target, a), channel(target, b)];

  const apart = tf.cast(tf.less(dot(ta, tb), tf.mul(dot(ta, ta), 0.1)), 'float32');
  const labelled = tf.cast(tf.greater(tf.mul(channel(weights, a), channel(weights, b)), 0), 'float32');
  const counts = tf.mul(apart, labelled);
  const total = (values: tf.Tensor): tf.Tensor => tf.sum(tf.mul(values, counts));

  const both = centred(tf.add(ta, tb));
  const norm = tf.sqrt(tf.mul(tf.add(dot(centred(pa), centred(pa)), dot(centred(pb), centred(pb))), dot(both, both)));
  const correlation = tf.divNoNan(dot(tf.add(centred(pa), centred(pb)), both), tf.mul(norm, Math.SQRT2));
  const peaked = tf.greater(total(correlation), tf.mul(0.4, tf.sum(counts)));

  const right = total(tf.add(dot(tf.relu(pa), ta), dot(tf.relu(pb), tb)));
  const wrong = total(tf.add(dot(tf.relu(pa), tb), dot(tf.relu(pb), ta)));
  return tf.where(peaked, tf.div(wrong, tf.add(right, wrong)), NaN);
}
