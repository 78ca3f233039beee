import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { hrnet, lpn } from 'poseblocks/networks';
import { adam, trainingPass } from 'poseblocks/training';

/** LPN-50 or HRNet-W32 at 256×192, by the name of a command line. */
export function networkNamed(name: string): LayersModel {
  const options = { inputShape: [256, 192, 3] as [number, number, number], keypoints: 17 };
  return name === 'lpn-50' ? lpn('lpn-50', options) : hrnet('hrnet-w32', options);
}

/** Random images of a batch at 256×192. */
export const randomImages = (batch: number): tf.Tensor4D =>
  tf.randomUniform<tf.Rank.R4>([batch, 256, 192, 3], -1, 1, 'float32', 1);

/** A training step (Adam) of such a network on one random batch, again and again. */
export function trainingStep(network: LayersModel, batch: number): () => Promise<void> {
  const images = randomImages(batch);
  const heatmaps = tf.randomUniform([batch, 64, 48, 17], 0, 1, 'float32', 2);
  const optimizer = adam(1e-3);
  return async () => {
    const loss = optimizer.minimize(
      () => tf.losses.meanSquaredError(heatmaps, trainingPass(network, images) as tf.Tensor) as tf.Scalar,
      true,
    )!;
    await loss.data();
    loss.dispose();
  };
}
