import * as tf from '@tensorflow/tfjs-core';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { registerLayers } from 'poseblocks/heads';
import type { PaperNetwork } from 'poseblocks/recipes';
import { beforeAll, expect, it } from 'vitest';
import { difference, expectRelative } from '../support/close';
import { describeEngines } from '../support/engines';
import { noise, outputsOf, variablesOf } from '../support/network';
import { DISTINCT_NETWORKS, sizeOf, smallNetwork } from '../support/paper-network';

interface Step {
  readonly loss: Float32Array;
  /** The largest change of each trainable weight. */
  readonly changes: Float32Array;
}

/** One step of stochastic gradient descent from given weights, which are filled in where there are none yet. */
async function trainOneStep(id: PaperNetwork, weights: Map<string, Float32Array>, nudge = 0): Promise<Step> {
  const network = smallNetwork(id);
  const variables = [...variablesOf(network)];
  for (const [key, variable] of variables) {
    const known = weights.get(key);
    if (known) tf.tidy(() => variable.assign(tf.tensor(known.slice(), variable.shape)));
    else weights.set(key, (await variable.data<'float32'>()).slice());
  }
  const shape = [2, sizeOf(id), sizeOf(id), 3];
  const x = tf.tidy(() => tf.add(noise(shape), tf.mul(nudge, noise(shape, 99))));
  const optimizer = tf.train.sgd(1e-2);
  const value = optimizer.minimize(
    () =>
      tf.addN(
        outputsOf(network, x, true).map((y, i) => tf.losses.meanSquaredError(noise(y.shape, 7 + i), y)),
      ) as tf.Scalar,
    true,
    variables.flatMap(([, variable]) => (variable.trainable ? [variable] : [])),
  )!;
  const changes = tf.tidy(() =>
    tf.stack(
      variables.map(([key, variable]) =>
        tf.max(tf.abs(tf.sub(variable, tf.tensor(weights.get(key)!, variable.shape)))),
      ),
    ),
  );
  const step = { loss: (await value.data()) as Float32Array, changes: (await changes.data()) as Float32Array };
  tf.dispose([x, value, changes]);
  optimizer.dispose();
  network.dispose();
  return step;
}

// What wasm does is held elsewhere to the networks' laws; this asks the same of TensorFlow, where it is installed. A hundred
// layers of relu and batch normalisation over few numbers, with weights at random, magnify rounding: the first layer's gradient
// moves by a tenth where the images move by 1e-7. Each network is therefore held to four times what a nudge of 1e-5 does to it on wasm alone.
describeEngines(
  'one training step',
  (engine) => {
    beforeAll(() => registerLayers());

    it.each(DISTINCT_NETWORKS)('of %s as on wasm', { timeout: 600_000 }, async (id) => {
      const weights = new Map<string, Float32Array>();
      disposeEngine();
      await useEngine('wasm');
      const reference = await trainOneStep(id, weights);
      const nudged = await trainOneStep(id, weights, 1e-5);
      disposeEngine();
      await useEngine(engine);
      const tensors = tf.memory().numTensors;
      const step = await trainOneStep(id, weights);
      expect(tf.memory().numTensors).toBe(tensors);
      for (const what of ['loss', 'changes'] as const) {
        const { worst, scale } = difference(nudged[what], reference[what]);
        expectRelative(step[what], reference[what], Math.max(1e-3, (4 * worst) / scale), what, 0);
      }
      expect(Math.max(...step.changes)).toBeGreaterThan(0);
    });
  },
  ['tfjs-node'],
);
