import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { chain, conv } from 'poseblocks/blocks';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import { COCO } from 'poseblocks/keypoints';
import { loadPoseModel, poseModel, savePoseModel, type PoseModel } from 'poseblocks/models';
import { gaussianCodec } from 'poseblocks/targets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEATMAPS, smallLpn } from '../support/joints';

const block = chain({
  first: conv({ filters: 4, kernelSize: 3, strides: 2, useBias: true }),
  second: conv({ filters: 2, kernelSize: 3 }),
});
let network: tfl.LayersModel;
let images: tf.Tensor;

beforeAll(async () => {
  await useEngine('wasm');
  const input = tfl.input({ shape: [8, 6, 3] });
  network = tfl.model({ inputs: input, outputs: block(input, 'net') });
  images = tf.randomNormal([2, 8, 6, 3], 0, 1, 'float32', 1);
});
afterAll(() => disposeEngine());

const loss = (x: tf.Tensor, training: boolean): tf.Scalar =>
  tf.sum(tf.square(network.apply(x, { training }) as tf.Tensor));

/** The kernels of convolutions' gradients that `run` calls, each with the channels of the input. */
async function gradientsCalled(run: () => tf.Tensor[]): Promise<{ calls: string[]; values: number[] }> {
  let results: tf.Tensor[] = [];
  const { kernels } = await tf.profile(() => {
    results = run();
    return results;
  });
  const calls = kernels.map(({ name }) => name).filter((name) => name.startsWith('Conv2DBackprop'));
  const values = (await Promise.all(results.map((tensor) => tensor.data()))).flatMap((data) => Array.from(data));
  tf.dispose(results);
  return { calls: calls.sort(), values };
}

const ofWeights = (training: boolean, weights = network.trainableWeights) =>
  gradientsCalled(() => {
    const variables = weights.map((weight) => weight.read() as tf.Variable);
    const { value, grads } = tf.variableGrads(() => loss(images, training), variables);
    value.dispose();
    return variables.map(({ name }) => grads[name]!);
  });

it('takes no gradient of the image, and the others as tfjs does', async () => {
  const stock = await ofWeights(false); // the layers' own call
  const asked = await ofWeights(true);
  expect(stock.calls.filter((name) => name === 'Conv2DBackpropInput')).toHaveLength(2);
  expect(asked.calls).toEqual(['Conv2DBackpropFilter', 'Conv2DBackpropFilter', 'Conv2DBackpropInput']);
  expect(asked.values).toEqual(stock.values);
});

it('does so in a pose model that was saved and loaded, to the same numbers', async () => {
  const built = poseModel({ network: smallLpn(), codec: gaussianCodec(HEATMAPS), keypointSet: COCO });
  const loaded = await loadPoseModel(await savePoseModel(built));
  const x = tf.randomNormal<tf.Rank.R4>([1, 64, 64, 3], 0, 1, 'float32', 2);
  const trained = ({ network: each }: PoseModel) =>
    gradientsCalled(() => {
      const variables = each.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.square(each.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar,
        variables,
      );
      return [value, ...variables.map(({ name }) => grads[name]!)];
    });
  const [wanted, found] = [await trained(built), await trained(loaded)];
  expect(found.calls).toEqual(wanted.calls);
  expect(found.values).toEqual(wanted.values);
  x.dispose();
  built.network.dispose();
  loaded.network.dispose();
});

it('takes that of the image where it is asked for', async () => {
  const ofImage = (training: boolean) => gradientsCalled(() => [tf.grad((x) => loss(x, training))(images)]);
  const asked = await ofImage(true);
  expect(asked.calls).toEqual(['Conv2DBackpropInput', 'Conv2DBackpropInput']);
  expect(asked.values).toEqual((await ofImage(false)).values);
});

it('takes none of weights that are not asked for', async () => {
  const [last] = network.trainableWeights.slice(-1);
  expect((await ofWeights(true, [last!])).calls).toEqual(['Conv2DBackpropFilter']);
});

it('refuses what its gradient does not cover', () => {
  const filter = tf.ones([3, 3, 3, 1]);
  const run = (x: tf.Tensor): tf.Tensor => {
    const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], activation: 'relu' };
    return tf.engine().runKernel('FusedConv2D', { x, filter }, attrs);
  };
  expect(() => tf.grad(run)(images)).toThrow('its gradient needs activation linear and dilations [1, 1]');
  filter.dispose();
});
