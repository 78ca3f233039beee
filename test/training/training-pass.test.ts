import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { batchNorm, conv, maxPool } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { freeze } from 'poseblocks/graph';
import { hrnet, lpn, simpleBaseline, stackedHourglass } from 'poseblocks/networks';
import { trainableVariables, trainingPass } from 'poseblocks/training';
import { beforeAll, describe, expect, test } from 'vitest';

const small = { inputShape: [64, 48, 3], keypoints: 3, seed: 1 } as const;

const relu = (x: SymbolicTensor, name: string): SymbolicTensor =>
  layers.activation({ activation: 'relu', name }).apply(x) as SymbolicTensor;

/** What a plan must leave alone: a normalisation and a sum that are read twice, or are outputs; a layer used twice; a model in the model; a stranger's normalisation. */
function pitfalls(): LayersModel {
  const image = input({ shape: [64, 48, 3] });
  const first = batchNorm()(conv({ filters: 4, kernelSize: 3 })(image, 'a.conv'), 'a.bn');
  const second = batchNorm()(conv({ filters: 4, kernelSize: 3 })(relu(first, 'a.relu'), 'b.conv'), 'b.bn');
  const sum = layers.add({ name: 'sum' }).apply([first, second]) as SymbolicTensor; // `first` is read twice
  const inside = input({ shape: [64, 48, 4] });
  const nested = model({
    inputs: inside,
    outputs: relu(batchNorm()(inside, 'nested.bn'), 'nested.relu'),
    name: 'nested',
  });
  const once = nested.apply(relu(sum, 'sum.relu')) as SymbolicTensor;
  const shared = layers.conv2d({ name: 'shared', filters: 4, kernelSize: 1 });
  const twice = shared.apply(relu(shared.apply(once) as SymbolicTensor, 'shared.relu')) as SymbolicTensor;
  const stock = relu(layers.batchNormalization({ name: 'stock' }).apply(twice) as SymbolicTensor, 'stock.relu');
  const last = batchNorm()(stock, 'last.bn');
  const pooled = maxPool({ poolSize: 3, strides: 2, padding: 1 })(sum, 'pool'); // of numbers below 0 too
  return model({ inputs: image, outputs: [last, relu(last, 'last.relu'), sum, pooled] });
}

const NETWORKS: Readonly<Record<string, () => LayersModel>> = {
  LPN: () => lpn('lpn-50', { ...small, depths: [2, 1, 1, 1], widths: [8, 16, 16, 20] }),
  'SimpleBaseline, frozen in part': () => {
    const network = simpleBaseline('resnet-18', { ...small, inputShape: [64, 64, 3], deconvFilters: [8, 8, 8] });
    freeze(network, /^(conv1|bn1|layer1)/, { statistics: 'keep' });
    return network;
  },
  HRNet: () => hrnet('hrnet-w32', { ...small, inputShape: [64, 64, 3], width: 4 }),
  'a hourglass of two stacks': () => stackedHourglass({ ...small, inputShape: [64, 64, 3], filters: 16, stacks: 2 }),
  pitfalls,
};

interface Pass {
  readonly outputs: Float32Array[];
  readonly gradients: Float32Array[];
  readonly weights: Float32Array[];
}

/** Outputs, gradients and what the pass makes of the weights, which it leaves as they were. */
async function passOf(network: LayersModel, run: (images: tf.Tensor4D) => tf.Tensor | tf.Tensor[]): Promise<Pass> {
  const [, height, width] = network.inputs[0]!.shape as number[];
  const images = tf.randomUniform<tf.Rank.R4>([2, height!, width!, 3], -1, 1, 'float32', 5);
  const before = network.getWeights().map((weight) => weight.clone());
  let outputs: tf.Tensor[] = [];
  const { value, grads } = tf.variableGrads(() => {
    outputs = [run(images)].flat().map((output) => tf.keep(tf.clone(output)));
    return outputs
      .map((output, i) => tf.sum(tf.mul(output, tf.reshape(tf.sin(tf.range(i, i + output.size)), output.shape))))
      .reduce((a, b) => tf.add(a, b)) as tf.Scalar;
  }, trainableVariables(network));
  const read = (tensors: readonly tf.Tensor[]): Promise<Float32Array[]> =>
    Promise.all(tensors.map(async (tensor) => (await tensor.data()) as Float32Array));
  const pass = {
    outputs: await read(outputs),
    gradients: await read(trainableVariables(network).map(({ name }) => grads[name]!)),
    weights: await read(network.getWeights()),
  };
  network.setWeights(before);
  tf.dispose([images, before, outputs, value, grads]);
  return pass;
}

/** The largest difference, relative to the largest number, or to `least`. */
function distance(got: Float32Array, wanted: Float32Array, least = 0): number {
  expect(got.length).toBe(wanted.length);
  let [worst, largest] = [0, least];
  wanted.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(got[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  });
  return worst === 0 ? 0 : worst / largest;
}

async function expectEqualPasses(name: string): Promise<void> {
  const network = NETWORKS[name]!();
  const wanted = await passOf(network, (images) => network.apply(images, { training: true }) as tf.Tensor);
  const kept = tf.memory().numTensors;
  const got = await passOf(network, (images) => trainingPass(network, images));
  expect(tf.memory().numTensors).toBe(kept);
  // A bias before a normalisation has none.
  const moved = wanted.gradients.filter((gradient) => gradient.some((value) => value !== 0));
  expect(moved.length).toBeGreaterThan(wanted.gradients.length / 2);
  // The pooling of LPN's Global Context rounds otherwise; all else is equal to the last bit.
  const bound = name === 'LPN' ? 1e-5 : 0;
  expect(Math.max(...got.outputs.map((values, i) => distance(values, wanted.outputs[i]!)))).toBeLessThanOrEqual(bound);
  expect(Math.max(...got.weights.map((values, i) => distance(values, wanted.weights[i]!)))).toBeLessThanOrEqual(bound);
  // Where three layers or more read a map, as in HRNet, their gradients are summed in another order. That of a bias before a softmax is nothing but rounding.
  const least = 1e-3 * wanted.gradients.flatMap((values) => [...values]).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(Math.max(...got.gradients.map((values, i) => distance(values, wanted.gradients[i]!, least)))).toBeLessThan(
    1e-5,
  );
  network.dispose();
}

describe('on wasm', () => {
  beforeAll(async () => void (await useEngine('wasm')));

  test.each(Object.keys(NETWORKS))('a training pass of %s is what apply computes', expectEqualPasses);

  test('normalisations and sums with a ReLU after them are one kernel each, and attention one of all', async () => {
    const network = NETWORKS['LPN']!();
    const count = (kind: string): number => network.layers.filter((layer) => layer.getClassName() === kind).length;
    const images = tf.zeros<tf.Rank.R4>([1, 64, 48, 3]);
    const { kernelNames, kernels } = await tf.profile(() => trainingPass(network, images) as tf.Tensor);
    expect(kernelNames).toEqual(expect.arrayContaining(['AddRelu', 'AttentionPool', 'MaxPool']));
    expect(kernelNames).not.toContain('BatchMatMul');
    expect(kernels.filter(({ name }) => name === 'BatchNormTraining').length).toBe(
      count('PoseBlocks>BatchNormalization'),
    );
    tf.dispose(images);
    network.dispose();
  });

  test('images of another rank, or of other channels, are the error of apply', () => {
    const network = NETWORKS['LPN']!();
    for (const shape of [
      [64, 48, 3],
      [1, 64, 48, 4],
    ]) {
      const images = tf.zeros(shape);
      let message = '';
      try {
        network.apply(images, { training: true });
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toBe('');
      expect(() => trainingPass(network, images)).toThrow(message);
      tf.dispose(images);
    }
    network.dispose();
  });
});

describe('on cpu, which has no kernels of ours', () => {
  beforeAll(async () => void (await useEngine('cpu')));

  test('a training pass is what apply computes', () => expectEqualPasses('pitfalls'));
});
