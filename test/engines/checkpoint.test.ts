import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { checkpoint, disposeEngine, useEngine } from 'poseblocks/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => useEngine('wasm'));
afterAll(() => disposeEngine());

type Conv = tf.Tensor4D;
const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** Conv → BatchNorm → relu, as a model of its own. */
function stage(seed: number): tfl.LayersModel {
  const input = tfl.input({ shape: [8, 8, 4] });
  const kernelInitializer = tfl.initializers.randomNormal({ stddev: 0.3, seed });
  const conv = tfl.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', kernelInitializer });
  const normalized = tfl.layers.batchNormalization({}).apply(conv.apply(input));
  return tfl.model({ inputs: input, outputs: tfl.layers.reLU({}).apply(normalized) as tfl.SymbolicTensor });
}

const trainable = (model: tfl.LayersModel): tf.Variable[] =>
  model.trainableWeights.map((weight) => weight.read() as tf.Variable);
const read = async (tensors: readonly tf.Tensor[]): Promise<number[][]> =>
  Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]));

describe('checkpoint', () => {
  it('gives the same loss, gradients and moving statistics, from fewer tensors kept', async () => {
    const outcomes = [];
    for (const wrap of [false, true]) {
      const stages = [stage(1), stage(2), stage(3)];
      const apply = stages.map((model) => {
        const plain = (x: Conv): Conv => model.apply(x, { training: true }) as Conv;
        return wrap ? checkpoint(plain, trainable(model)) : plain;
      });
      const images = noise([2, 8, 8, 4], 7) as Conv;
      let kept = 0;
      const { value, grads } = tf.variableGrads(() => {
        const output = apply.reduce((x, run) => run(x), images);
        kept = tf.memory().numBytes;
        return tf.mean(tf.square(output)) as tf.Scalar;
      });
      outcomes.push({
        loss: await read([value]),
        gradients: await read(stages.flatMap((model) => trainable(model).map((variable) => grads[variable.name]!))),
        statistics: await read(stages.flatMap((model) => model.nonTrainableWeights.map((weight) => weight.read()))),
        kept,
      });
      tf.dispose([value, grads, images]);
      stages.forEach((model) => model.dispose());
    }
    const [plain, saved] = outcomes;
    expect({ ...saved, kept: 0 }).toEqual({ ...plain, kept: 0 });
    expect(saved!.kept).toBeLessThan(plain!.kept / 2);
  });

  it('leaks nothing over training steps, and learns', async () => {
    const model = stage(4);
    const run = checkpoint((x: Conv) => model.apply(x, { training: true }) as Conv, trainable(model));
    const images = noise([2, 8, 8, 4], 8) as Conv;
    const optimizer = tf.train.sgd(0.1);
    const step = async (): Promise<number> => {
      const loss = optimizer.minimize(() => tf.mean(tf.square(tf.sub(run(images), 1))) as tf.Scalar, true)!;
      const [value] = await loss.data();
      loss.dispose();
      return value!;
    };
    const first = await step();
    const tensors = tf.memory().numTensors;
    let last = first;
    for (let i = 0; i < 20; i++) last = await step();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(last).toBeLessThan(first);
    images.dispose();
    model.dispose();
  });

  it('names a variable that the part does not use', () => {
    const used = tf.variable(tf.scalar(2));
    const unused = tf.variable(tf.zeros([3, 4]));
    const run = checkpoint((x: tf.Tensor) => tf.mul(x, used), [used, unused]);
    expect(() => tf.grad((x: tf.Tensor) => tf.sum(run(x)))(tf.tensor1d([1, 2]))).toThrow(
      /Received: one of shape \[3,4\]/,
    );
    tf.dispose([used, unused]);
  });
});
