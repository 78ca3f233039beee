import * as tf from '@tensorflow/tfjs-core';
import { input, model, type LayersModel } from '@tensorflow/tfjs-layers';
import { batchNorm, chain, conv, fractionalMaxPool } from 'poseblocks/blocks';
import type { TrainingBatch } from 'poseblocks/training';

/** The same weights each time: convolutions, batch normalisation, and a pooling that draws its regions in each pass. */
export function network(filters = 4, draws = true): LayersModel {
  const x = input({ shape: [16, 16, 3], name: 'image' });
  const y = chain({
    conv1: conv({ filters, kernelSize: 3 }),
    bn1: batchNorm(),
    pool: fractionalMaxPool({ ratio: 0.7, seed: draws ? 3 : null }),
    conv2: conv({ filters: 2, kernelSize: 1 }),
    bn2: batchNorm({ momentum: 0.8 }),
  })(x, 'net');
  const made = model({ inputs: x, outputs: y });
  made.weights.forEach((weight, w) => {
    const value = weight.read();
    const values = Float32Array.from({ length: value.size }, (_, i) => 1 + 0.5 * Math.sin(78.233 * (w + 1) + i));
    weight.write(tf.tidy(() => tf.tensor(values, value.shape)));
  });
  return made;
}

/** The part of a seeded data set from one person on. */
export function teamBatch(from: number, count: number): TrainingBatch {
  const noise = (shape: readonly number[], start: number): tf.Tensor => {
    const each = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count * each }, (_, i) => Math.sin(12.9898 * (start + from * each + i)));
    return tf.tensor(values, [count, ...shape]);
  };
  return {
    images: noise([16, 16, 3], 0) as tf.Tensor4D,
    target: noise([11, 11, 2], 7) as tf.Tensor4D,
    weights: tf.ones([count, 2]),
  };
}
