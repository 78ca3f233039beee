import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { topDown } from 'poseblocks/datasets';
import { imageFolder, readCocoFile } from 'poseblocks/datasets/node';
import { useEngine } from 'poseblocks/engines';
import { stateDict } from 'poseblocks/interop';
import type { Keypoints } from 'poseblocks/keypoints';
import { lpn } from 'poseblocks/networks';
import { gaussianCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, sgd, type StatefulOptimizer } from 'poseblocks/training';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { loadProcedural } from '../support/procedural';
import { photographs, readFloats, readJson } from '../support/fixtures';

interface Lpn50Trajectory {
  readonly persons: {
    annotation: number;
    matrix: [number, number, number, number, number, number];
    target_sum: number;
    input_mean: number;
  }[];
  readonly losses: number[];
}
interface SmallTrajectory {
  readonly runs: { optimizer: 'sgd' | 'adam'; learning_rate: number; losses: number[]; noise: number[] }[];
  readonly params: number;
}

const INPUT_SIZE = [96, 128] as const;
const STRIDE = 4;
const codec = gaussianCodec({ inputSize: INPUT_SIZE, heatmapSize: [24, 32], sigma: 2, center: 'rounded' });
const lpn50 = readJson<Lpn50Trajectory>('trajectory_lpn50.json');
const small = readJson<SmallTrajectory>('trajectory_small.json');
const cells = readJson<{ cells: ([number, number] | null)[][] }>('trajectory_lpn50_targets.json').cells;
const { folder, absent } = photographs('coco');

interface Data {
  readonly images: tf.Tensor4D;
  readonly target: tf.Tensor4D;
  readonly weights: tf.Tensor2D;
}

/** The photographs' persons, in the order of the file, through our own reader, crop and codec. */
async function fromPhotographs(): Promise<Data> {
  const { persons } = await readCocoFile(join(folder, 'test_coco.json'));
  expect(persons.map(({ id }) => id)).toEqual(lpn50.persons.map(({ annotation }) => annotation));
  for await (const { images, people } of topDown({ persons, readImage: imageFolder(folder), codec })) {
    return { images, ...codec.encodeBatch(people) };
  }
  throw new Error('no batch');
}

/** The crops that PyTorch was fed, with targets whose peaks lie where those of PyTorch's did. */
function fromStoredCrops(): Promise<Data> {
  const stored = readFloats('trajectory_lpn50_inputs.bin');
  const images = tf.tidy(() => tf.transpose(tf.tensor4d(stored, [12, 3, 128, 96]), [0, 2, 3, 1]) as tf.Tensor4D);
  const people = cells.map((person): Keypoints<'input'> => ({
    frame: 'input',
    xy: Float32Array.from(person.flatMap((cell) => (cell ? cell.map((at) => at * STRIDE) : [0, 0]))),
    score: Float32Array.from(person, (cell) => (cell ? 1 : 0)),
  }));
  return Promise.resolve({ images, ...codec.encodeBatch(people) });
}

/** The losses of so many epochs of one batch: all that `fit` adds to a step is in between. */
async function losses(
  network: LayersModel,
  optimizer: StatefulOptimizer,
  { images, target, weights }: Data,
  epochs: number,
): Promise<number[]> {
  const before = tf.memory().numTensors;
  const { history, steps } = await fit(network, {
    epochs,
    optimizer,
    loss: jointsMse,
    batches: () => [
      tf.tidy(() => ({ images: tf.clone(images), target: tf.clone(target), weights: tf.clone(weights) })),
    ],
  });
  optimizer.dispose();
  expect(steps).toBe(epochs);
  expect(tf.memory().numTensors).toBe(before);
  return history.map(({ loss }) => loss);
}

async function withProceduralWeights(depths?: readonly [number, number, number, number]): Promise<LayersModel> {
  const network = lpn('lpn-50', { inputShape: [128, 96, 3], initialization: 'none', ...(depths && { depths }) });
  const own = await stateDict(network);
  loadProcedural(
    network,
    Object.entries(own).map(([key, { shape }]) => [key, shape]),
  );
  return network;
}

function expectWithin(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: (step: number) => number,
): void {
  actual.forEach((loss, step) => {
    const apart = Math.abs(loss - expected[step]!) / expected[step]!;
    if (!(apart <= tolerance(step)))
      expect.fail(`step ${step}: ${loss}, expected ${expected[step]}; ${apart} apart, ${tolerance(step)} allowed`);
  });
}

/** Forty steps of LPN-50 are half a minute on a quiet core, minutes on a busy one. */
const SLOW = { timeout: 600_000 };

beforeAll(() => useEngine('wasm'));

describe('from stored crops, the losses of fit are PyTorch’s', () => {
  const data = lossesAsPyTorch(fromStoredCrops, small.runs);
  it('of LPN-50 by Adam', SLOW, async () => {
    const network = await withProceduralWeights();
    const actual = await losses(network, adam(1e-3), data(), lpn50.losses.length);
    network.dispose();
    expectWithin(actual, lpn50.losses, (step) => (step === 0 ? 1e-4 : step === 1 ? 0.015 : 0.15));
  });
});
// The same crops, as the first of these tests shows: one training tells that they are used alike.
describeWhere('from the photographs, the losses of fit are PyTorch’s', absent, () => {
  lossesAsPyTorch(fromPhotographs, small.runs.slice(0, 1));
});

function lossesAsPyTorch(load: () => Promise<Data>, runs: SmallTrajectory['runs']): () => Data {
  let data: Data;
  beforeEach(async () => {
    data = await load();
  });
  afterEach(() => tf.dispose([data.images, data.target, data.weights]));

  it('of the targets and crops that were stored', async () => {
    const [sums, means] = tf.tidy(() => [tf.sum(data.target, [1, 2, 3]), tf.mean(data.images, [1, 2, 3])]);
    const [target, input] = [await sums!.data(), await means!.data()];
    tf.dispose([sums!, means!]);
    lpn50.persons.forEach(({ target_sum, input_mean }, n) => {
      expect(Math.abs(target[n]! - target_sum)).toBeLessThan(1e-3);
      expect(Math.abs(input[n]! - input_mean)).toBeLessThan(1e-3);
    });
  });

  it.each(runs)('of a small LPN by $optimizer', SLOW, async ({ optimizer, learning_rate, losses: expected, noise }) => {
    const network = await withProceduralWeights([1, 1, 1, 1]);
    const actual = await losses(
      network,
      optimizer === 'sgd' ? sgd(learning_rate) : adam(learning_rate),
      data,
      expected.length,
    );
    network.dispose();
    expectWithin(actual, expected, (step) => (step === 0 ? 1e-4 : 1e-3 + 3 * Math.max(...noise.slice(0, step + 1))));
  });

  return () => data;
}
