import * as tf from '@tensorflow/tfjs-core';
import { initializers, input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TrainingBatch } from 'poseblocks/training';

/** A network of stock layers, [N, 16, 16, 3] → [N, 8, 8, K], with BatchNorm; the same weights for the same seed. */
export function tinyNetwork({ keypoints = 2, outputs = 1, seed = 1, filters = 6 } = {}): LayersModel {
  const init = (offset: number) => initializers.heNormal({ seed: 100 * seed + offset });
  const image = input({ shape: [16, 16, 3] });
  const conv = layers.conv2d({
    name: 'stem.conv',
    filters,
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    kernelInitializer: init(1),
  });
  const norm = layers.batchNormalization({ name: 'stem.bn', momentum: 0.9 });
  let x = norm.apply(conv.apply(image)) as SymbolicTensor;
  x = layers.activation({ name: 'stem.relu', activation: 'relu' }).apply(x) as SymbolicTensor;
  x = layers
    .conv2d({
      name: 'body.conv',
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: init(2),
    })
    .apply(x) as SymbolicTensor;
  const heads = Array.from({ length: outputs }, (_, i) =>
    layers
      .conv2d({
        name: i === 0 ? 'final_layer' : `final_layer.${i}`,
        filters: keypoints,
        kernelSize: 1,
        kernelInitializer: init(3 + i),
      })
      .apply(x),
  ) as SymbolicTensor[];
  return model({ inputs: image, outputs: outputs === 1 ? heads[0]! : heads });
}

const noise = (seed: number, i: number): number => {
  const x = Math.sin(seed * 127.1 + i * 311.7) * 43758.5453;
  return x - Math.floor(x);
};

/**
 * Keypoint 0 is a red dot, keypoint 1 a green one, … on a dark noisy ground: learnt in a few dozen steps. Heatmap peaks
 * of `peak`. A pure function of (seed, index).
 */
export function dots(
  index: number,
  { batch = 4, keypoints = 2, peak = 1, seed = 1, swap = false, hide = [] as readonly number[] } = {},
): TrainingBatch {
  const images = new Float32Array(batch * 16 * 16 * 3);
  const heatmaps = new Float32Array(batch * 8 * 8 * keypoints);
  const weights = new Float32Array(batch * keypoints).fill(1);
  for (let i = 0; i < images.length; i++) images[i] = 0.1 * noise(seed + index, i);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < keypoints; k++) {
      const at = (axis: number): number => 1 + Math.floor(6 * noise(seed * 7 + index * 13 + n, 10 * k + axis + 1));
      const [x, y] = [at(0), at(1)];
      for (const [dx, dy] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        images[((n * 16 + 2 * y + dy) * 16 + 2 * x + dx) * 3 + (k % 3)] = 1;
      }
      const channel = swap ? keypoints - 1 - k : k;
      if (hide.includes(channel)) weights[n * keypoints + channel] = 0;
      else
        for (let v = 0; v < 8; v++)
          for (let u = 0; u < 8; u++)
            heatmaps[((n * 8 + v) * 8 + u) * keypoints + channel] = peak * Math.exp(-((u - x) ** 2 + (v - y) ** 2) / 2);
    }
  }
  return {
    images: tf.tensor4d(images, [batch, 16, 16, 3]),
    target: tf.tensor4d(heatmaps, [batch, 8, 8, keypoints]),
    weights: tf.tensor2d(weights, [batch, keypoints]),
  };
}

/** An epoch of `count` batches of {@link dots}. */
export function dotBatches(count: number, options: Parameters<typeof dots>[1] = {}) {
  return function* (epoch: number): Generator<TrainingBatch> {
    for (let i = 0; i < count; i++) yield dots(epoch * count + i, options);
  };
}
