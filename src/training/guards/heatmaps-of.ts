import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Codec, Prediction } from '../../targets';
import type { TrainingBatch } from '../fit/training-batch';

/** Heatmaps [N, H, W, K] that a network predicts in inference, and the target heatmaps. They belong to the caller. */
export interface HeatmapPair {
  readonly predicted: Tensor4D;
  readonly target: Tensor4D;
}

/** The heatmaps of a batch, where the codec has heatmaps in output and target; without a codec both are treated as heatmaps. */
export function heatmapsOf(
  network: LayersModel,
  { images, target }: TrainingBatch<unknown>,
  codec: Codec | undefined,
): HeatmapPair | undefined {
  const inOutput = codec
    ? codec.heatmaps?.bind(codec)
    : (output: Prediction) => [output].flat().at(-1)!.clone() as Tensor4D;
  const inTarget = codec ? codec.targetHeatmaps?.bind(codec) : (maps: unknown) => (maps as Tensor4D).clone();
  if (inOutput === undefined || inTarget === undefined) return undefined;
  const [predicted, wanted] = tf.tidy(() => [inOutput(network.predict(images)), inTarget(target)]);
  return { predicted: predicted!, target: wanted! };
}
