import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { conv, resizeBilinear, type Block } from 'poseblocks/blocks';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { useEngine } from 'poseblocks/engines';
import { compile } from 'poseblocks/inference';
import { exportOnnx, loadStateDict, stateDict } from 'poseblocks/interop';
import {
  buildNetwork,
  cpn,
  grmi,
  hrnet,
  integralRegression,
  lpn,
  pyranet,
  simpleBaseline,
  stackedHourglass,
} from 'poseblocks/networks';
import { paperNetwork, paperNetworks } from 'poseblocks/recipes';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, outputsOf } from '../support/network';
import { proceduralWeight } from '../support/procedural';

const small = { inputShape: [64, 64, 3], keypoints: 5, initialization: 'none' } as const;
/** Up and down, by factors that are whole and are not. */
const resizeTo: Block<SymbolicTensor, SymbolicTensor[]> = (x, name) =>
  (
    [
      [128, 128],
      [37, 91],
      [64, 80],
    ] as const
  ).map((size, i) => {
    const y = resizeBilinear({ size, mode: i === 2 ? 'legacy' : 'halfPixel' })(x, `${name}resize.${i}`);
    return conv({ filters: 2, kernelSize: 3 })(y, `${name}conv.${i}`);
  });
const hourglass = { inputShape: [64, 64, 3], keypoints: 5, initialization: 'none', filters: 64 } as const;

/** Every operation that a network of the papers has. */
const OPERATIONS: Readonly<Record<string, () => LayersModel>> = {
  'lpn with Global Context': () => lpn('lpn-50', small),
  'lpn with Squeeze-and-Excitation': () => lpn('lpn-50', { ...small, attention: 'se', depths: [1, 1, 1, 1] }),
  'lpn without attention': () => lpn('lpn-50', { ...small, attention: 'none', depths: [1, 2, 1, 1] }),
  'simpleBaseline on resnet-18': () =>
    simpleBaseline('resnet-18', { ...small, deconvKernelSize: 3, finalKernelSize: 3 }),
  'simpleBaseline on resnet-50': () => simpleBaseline('resnet-50', { ...small, deconvLayers: 2, deconvKernelSize: 2 }),
  'simpleBaseline on efficientnet-v2-s': () => simpleBaseline('efficientnet-v2-s', small),
  'simpleBaseline on shufflenet-v2-x2.0': () => simpleBaseline('shufflenet-v2-x2.0', small),
  'hrnet-w32': () => hrnet('hrnet-w32', small),
  'hourglass, bearpaw': () => stackedHourglass(hourglass),
  'hourglass, naman': () => stackedHourglass({ ...hourglass, stem: 'naman', blocks: 1 }),
  'hourglass, reduced': () => stackedHourglass({ ...hourglass, stem: 'reduced', blocks: 1 }),
  'hourglass, patchify, dilated': () => stackedHourglass({ ...hourglass, stem: 'patchify', block: 'dilated' }),
  'hourglass, grouped and dilated': () =>
    stackedHourglass({ ...hourglass, block: 'two-separable-grouped-dilated', stacks: 1 }),
  'hourglass, separable': () => stackedHourglass({ ...hourglass, block: 'separable-all', stacks: 1 }),
  'cpn as the port, merging as the release': () =>
    cpn('cpn-50', { ...small, form: 'port', merge: 'bias', filters: 32 }),
  'cpn as released': () => cpn('cpn-50', { ...small, form: 'release', filters: 32 }),
  'integral regression': () => integralRegression('integral-50', { ...small, outputs: 'both' }),
  'integral regression in three dimensions': () => integralRegression('integral-50', { ...small, depth: 4 }),
  'grmi by slim': () => grmi('grmi-50', { ...small, inputShape: [65, 57, 3], rule: 'slim', outputs: 'both' }),
  pyranet: () => pyranet({ ...small, stacks: 2, depth: 2, filters: 36, phase: 0.2 }),
  'resizing by half pixels': () => buildNetwork('resizing', resizeTo, { ...small, multiple: 1 }),
  'hourglass, weighted outputs': () => stackedHourglass({ ...hourglass, block: 'no-skip', outputWeights: [0.3, 0.7] }),
};

/** POSEBLOCKS_EVERY_NETWORK=1 takes every network of the papers, which is minutes of work; what they are made of is always taken. */
const NETWORKS: Readonly<Record<string, () => LayersModel>> =
  process.env['POSEBLOCKS_EVERY_NETWORK'] === '1'
    ? Object.fromEntries(
        paperNetworks().map((id) => {
          const size = id.startsWith('003-grmi') ? 65 : 64; // 8n + 1
          return [id, () => paperNetwork(id, { inputShape: [size, size, 3], initialization: 'none' })];
        }),
      )
    : OPERATIONS;

/** Weights of a sensible size, normalisations with statistics that are not trivial. */
async function withWeights(network: LayersModel): Promise<LayersModel> {
  const own = await stateDict(network);
  loadStateDict(
    network,
    Object.fromEntries(Object.entries(own).map(([key, { shape }]) => [key, proceduralWeight(key, shape)])),
  );
  return network;
}

const deviation = (values: Float32Array): number => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
};

function expectSame(actual: Float32Array, expected: Float32Array, what: string): void {
  const allowed = 1e-4 * deviation(expected);
  expect(actual.length, what).toBe(expected.length);
  expect(allowed, `${what}: the network must do something`).toBeGreaterThan(0);
  actual.forEach((value, i) => {
    if (!(Math.abs(value - expected[i]!) <= allowed))
      expect.fail(`${what}, element ${i}: ${value}, expected ${expected[i]}; ${allowed} allowed`);
  });
}

beforeAll(() => useEngine('wasm'));

describe('layers, compiled and ONNX give the same, batch 1 and 3', () => {
  it.each(Object.entries(NETWORKS))('%s', async (_, build) => {
    const network = await withWeights(build());
    const run = await compile(network);
    const session = await InferenceSession.create(await exportOnnx(network));
    for (const batch of [1, 3]) {
      const [, height, width] = network.inputs[0]!.shape as number[];
      const x = noise([batch, height!, width!, 3]) as tf.Tensor4D;
      const outputs = outputsOf(network, x);
      const expected = await Promise.all(outputs.map(async (y) => (await y.data()) as Float32Array));

      const before = tf.memory().numTensors;
      const compiled = [run(x)].flat();
      for (const [i, y] of compiled.entries())
        expectSame((await y.data()) as Float32Array, expected[i]!, `batch ${batch}, compiled output ${i}`);
      tf.dispose(compiled);
      expect(tf.memory().numTensors).toBe(before);

      const results = await session.run({ image: new Tensor('float32', (await x.data()) as Float32Array, x.shape) });
      expect(session.outputNames.length).toBe(expected.length);
      session.outputNames.forEach((name, i) => {
        expect(results[name]!.dims).toEqual(outputs[i]!.shape);
        expectSame(results[name]!.data as Float32Array, expected[i]!, `batch ${batch}, ONNX output ${i}`);
      });
      tf.dispose([x, ...outputs]);
    }
    await session.release();
    run.dispose();
    network.dispose();
  });
});
