import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { compile } from 'poseblocks/inference';
import { lpn } from 'poseblocks/networks';
import { sgd } from 'poseblocks/training';

export interface Outcome {
  /** Heatmaps of the untrained network. */
  readonly prediction: readonly number[];
  /** Those of the trained network, and what it gives compiled. */
  readonly trained: readonly number[];
  readonly compiled: readonly number[];
  /** Loss before each of three steps. */
  readonly losses: readonly number[];
  readonly leakedTensors: number;
}

/** Predicts and trains a small LPN on the current engine, from weights and inputs that are the same everywhere. */
export async function predictAndTrain(): Promise<Outcome> {
  const network = lpn('lpn-50', {
    inputShape: [48, 32, 3],
    keypoints: 3,
    depths: [1, 1, 1, 1],
    widths: [8, 8, 16, 16],
  });
  fillWeights(network);
  const images = tf.tensor4d(noise(2 * 48 * 32 * 3, 1), [2, 48, 32, 3]);
  const targets = tf.tensor4d(noise(2 * 12 * 8 * 3, 2), [2, 12, 8, 3]);
  const prediction = network.predict(images) as Tensor4D;
  const optimizer = sgd(0.002); // small steps: larger ones amplify rounding beyond any comparison
  const loss = (): tf.Scalar =>
    tf.mean(tf.squaredDifference(network.apply(images, { training: true }) as Tensor4D, targets));
  const losses: number[] = [];
  let tensors = 0;
  for (let step = 0; step < 3; step++) {
    const value = optimizer.minimize(loss, true)!;
    losses.push((await value.data())[0]!);
    value.dispose();
    if (step === 0) tensors = tf.memory().numTensors;
  }
  const trained = network.predict(images) as Tensor4D;
  const run = await compile(network);
  const compiled = run(images) as Tensor4D;
  const outcome = {
    prediction: [...(await prediction.data())],
    trained: [...(await trained.data())],
    compiled: [...(await compiled.data())],
    losses,
    leakedTensors: 0,
  };
  run.dispose();
  tf.dispose([trained, compiled]);
  outcome.leakedTensors = tf.memory().numTensors - tensors;
  tf.dispose([images, targets, prediction]);
  network.dispose();
  return outcome;
}

/** Kernels from noise at the scale of He initialisation; biases and statistics as they are. */
function fillWeights(network: LayersModel): void {
  const values = network.weights.map((weight, index) => {
    const shape = weight.shape as number[];
    const size = shape.reduce((product, side) => product * side, 1);
    if (!/kernel$/.test(weight.originalName)) return tf.clone(weight.read());
    const fanIn = size / shape[shape.length - 1]!;
    return tf.tensor(
      noise(size, 3 + index).map((value) => value * Math.sqrt(6 / fanIn)),
      shape,
    );
  });
  network.setWeights(values);
  tf.dispose(values);
}

/** Pseudo-random numbers in [-1, 1): a linear congruential generator, the same on every machine. */
function noise(size: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
