import * as tf from '@tensorflow/tfjs-core';
import { affineSample, inverseAffine } from 'poseblocks/blocks';
import { expect, it } from 'vitest';
import { expectClose } from '../support/close';
import { describeEngines } from '../support/engines';
import { readBlockFixture } from '../support/fixtures';
import { noise, toChannelsLast } from '../support/network';

describeEngines('the spatial transformer', () => {
  it("equals Torch's, y first, and is undone by the inverse map", async () => {
    const { tensors } = readBlockFixture('rmpe_sstn_affine', 'quoted/blocks');
    const x = toChannelsLast(tensors['input']!) as tf.Tensor4D;
    const theta = tf.tensor3d(tensors['theta']!.data, [2, 2, 3]);
    const before = tf.memory().numTensors;
    const gamma = inverseAffine(theta);
    const y = affineSample(x, theta);
    const back = affineSample(y, gamma);
    expect(tf.memory().numTensors).toBe(before + 3);
    const [wanted, wantedBack] = [toChannelsLast(tensors['stn_output']!), toChannelsLast(tensors['sdtn_output']!)];
    expectClose(await gamma.data(), tensors['gamma_inverse']!.data, 1e-5, 'inverse');
    expectClose(await y.data(), await wanted.data(), 1e-5, 'SSTN');
    expectClose(await back.data(), await wantedBack.data(), 1e-5, 'SDTN');
    tf.dispose([x, theta, gamma, y, back, wanted, wantedBack]);
  });

  it('changes nothing by the identity, and mirrors by −1', async () => {
    const x = noise([1, 4, 5, 2]) as tf.Tensor4D;
    const by = (values: number[]): tf.Tensor4D => tf.tidy(() => affineSample(x, tf.tensor3d(values, [1, 2, 3])));
    const [same, mirrored, wanted] = [by([1, 0, 0, 0, 1, 0]), by([1, 0, 0, 0, -1, 0]), tf.reverse(x, 2)];
    expectClose(await same.data(), await x.data(), 1e-6, 'identity');
    expectClose(await mirrored.data(), await wanted.data(), 1e-5, 'mirrored');
    tf.dispose([x, same, mirrored, wanted]);
  });

  it('has the gradients of both inputs, through the inverse too, by finite differences', async () => {
    const x = noise([2, 6, 5, 3]) as tf.Tensor4D;
    const theta = tf.tensor3d([0.83, 0.21, 0.13, -0.17, 0.91, 0.07, 1.13, -0.31, -0.19, 0.11, 0.77, 0.23], [2, 2, 3]);
    const w = noise(x.shape, 5);
    const run = (x: tf.Tensor, theta: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(affineSample(x as tf.Tensor4D, inverseAffine(theta as tf.Tensor3D)), w));
    const [dx, dTheta] = tf.grads((x: tf.Tensor, theta: tf.Tensor) => run(x, theta))([x, theta]);
    const v = noise(x.shape, 7);
    const along = tf.tidy(() => tf.sum(tf.mul(dx!, v)));
    const numeric = tf.tidy(() => tf.sub(run(tf.add(x, tf.mul(v, 0.5)), theta), run(tf.sub(x, tf.mul(v, 0.5)), theta)));
    expectClose(await along.data(), await numeric.data(), 1e-4, 'of the map, along a direction');
    // A kink lies at every pixel: a step so small that none is crossed.
    const values = await theta.data();
    const h = 1e-3;
    const slopes: number[] = [];
    for (let i = 0; i < 12; i++) {
      const at = (step: number): tf.Tensor =>
        tf.tensor3d(
          values.map((value, j) => (i === j ? value + step : value)),
          [2, 2, 3],
        );
      const slope = tf.tidy(() => tf.div(tf.sub(run(x, at(h)), run(x, at(-h))), 2 * h));
      slopes.push((await slope.data())[0]!);
      slope.dispose();
    }
    expectClose(await dTheta!.data(), slopes, 5e-3, 'of θ');
    tf.dispose([x, theta, w, dx!, dTheta!, v, along, numeric]);
  });

  it('refuses maps of another number than images', () => {
    const [x, theta] = [noise([2, 4, 4, 1], 1) as tf.Tensor4D, tf.tensor3d([[[1, 0, 0], [0, 1, 0]]])]; // prettier-ignore
    expect(() => affineSample(x, theta)).toThrow('Received: [2, 4, 4, 1] and [1, 2, 3].');
    tf.dispose([x, theta]);
  });
});
