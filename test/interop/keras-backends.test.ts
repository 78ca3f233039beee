import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { chain, conv } from 'poseblocks/blocks';
import { useEngine } from 'poseblocks/engines';
import { walk } from 'poseblocks/graph';
import { deconvHead, registerLayers } from 'poseblocks/heads';
import { exportKeras, importKeras, loadStateDict, stateDict } from 'poseblocks/interop';
import { lpn, stackedHourglass } from 'poseblocks/networks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { networkOf, outputsOf } from '../support/network';
import { proceduralWeight } from '../support/procedural';
import { pythonJson, runPython, sayNoPython, trainingPython } from '../support/python';

const small = { inputShape: [64, 64, 3], keypoints: 5, initialization: 'none' } as const;
/** Every kind of layer that Keras writes otherwise: grouped, dilated and transposed in groups of both kernels, two outputs. */
const NETWORKS: Readonly<Record<string, () => LayersModel>> = {
  lpn: () => lpn('lpn-50', { ...small, depths: [1, 1, 1, 1], widths: [8, 16, 32, 64] }),
  hourglass: () => stackedHourglass({ ...small, filters: 32, depth: 2, block: 'two-separable-grouped-dilated' }),
  odd: () => networkOf(chain({ stem: conv({ filters: 8, kernelSize: 3, strides: 4 }), head: deconvHead({ keypoints: 5, filters: [8, 8], kernelSize: 3, groups: 'max', pointwise: true }) }), [64, 64, 3]), // prettier-ignore
};
const BACKENDS = ['jax', 'tensorflow', 'torch'] as const;
const SCRIPT = join(import.meta.dirname, 'python/open_exported.py');

interface Found {
  readonly backend: string;
  readonly keras: string;
  readonly models: Readonly<
    Record<string, { readonly loss: number; readonly kernels: number; readonly moved: number }>
  >;
}

const python = trainingPython()!;
if (python === undefined) sayNoPython();
const floats = async (path: string): Promise<Float32Array> => {
  const { buffer, byteOffset, length } = await readFile(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};
/** The largest difference, in parts of the largest value. */
function apart(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(scale).toBeGreaterThan(0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}
async function outputOf(network: LayersModel, x: tf.Tensor): Promise<Float32Array> {
  const outputs = outputsOf(network, x);
  const all = Float32Array.from((await Promise.all(outputs.map((y) => y.data()))).flatMap((values) => [...values]));
  tf.dispose(outputs);
  return all;
}
const paths = (of: LayersModel): string[] =>
  walk(of).nodes.flatMap(({ weights }) => weights.map(({ path, name }) => `${path}/${name}`)).sort(); // prettier-ignore

const here = await backendsHere();

async function backendsHere(): Promise<readonly string[]> {
  if (python === undefined) return [];
  const codes = BACKENDS.map((backend) => runPython(python, ['-c', 'import keras'], { env: { KERAS_BACKEND: backend } })); // prettier-ignore
  const found = await Promise.all(codes);
  return BACKENDS.filter((_, i) => found[i]!.code === 0);
}

// The Python of the hand-over has JAX alone; one with all three is named by POSEBLOCKS_PYTHON (keras, jax, tensorflow-cpu, torch).
// Keras compiles each network anew, for a minute where the machine is busy.
describe.skipIf(python === undefined)('exported files in Keras 3', { timeout: 900_000 }, () => {
  const folders: string[] = [];
  const networks = new Map<string, LayersModel>();
  const expected = new Map<string, Float32Array>();
  const images = Float32Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) => Math.sin(0.37 * i));

  beforeAll(async () => {
    await useEngine('wasm');
    registerLayers();
    const x = tf.tensor4d(images, [2, 64, 64, 3]);
    for (const [name, build] of Object.entries(NETWORKS)) {
      const network = build();
      const own = await stateDict(network);
      loadStateDict(network, Object.fromEntries(Object.entries(own).map(([key, { shape }]) => [key, proceduralWeight(key, shape)]))); // prettier-ignore
      networks.set(name, network);
      expected.set(name, await outputOf(network, x));
    }
    x.dispose();
  });
  afterAll(async () => {
    for (const network of networks.values()) network.dispose();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const missing = BACKENDS.filter((backend) => !here.includes(backend));
  if (missing.length > 0) it.skip(`on ${missing.join(', ')}: this Python has no Keras on it`, () => {});
  it.each(here)('%s: equal outputs, a step of fit, and back by importKeras', async (backend) => {
    const env = { KERAS_BACKEND: backend };
    const folder = await mkdtemp(join(tmpdir(), 'poseblocks-keras-'));
    folders.push(folder);
    for (const [name, network] of networks) {
      await writeFile(join(folder, `${name}.keras`), await exportKeras(network));
      await writeFile(join(folder, `${name}.image.bin`), images);
    }
    const found = await pythonJson<Found>(python, [SCRIPT, folder, ...networks.keys()], { env });
    expect(found.backend).toBe(backend);
    const x = tf.tensor4d(images, [2, 64, 64, 3]);
    const report: string[] = [];
    for (const [name, network] of networks) {
      const { loss, kernels, moved } = found.models[name]!;
      const difference = apart(await floats(join(folder, `${name}.output.bin`)), expected.get(name)!);
      expect(difference, name).toBeLessThan(2e-5);
      expect(loss).toBeGreaterThan(0);
      expect(kernels).toBeGreaterThan(5);
      expect(moved, name).toBe(kernels);
      // What Keras trained and saved comes back under the names that the network has here.
      const back = await importKeras(await readFile(join(folder, `${name}.trained.keras`)));
      expect(back.name).toBe(network.name);
      expect(paths(back)).toEqual(paths(network));
      const after = apart(await outputOf(back, x), await floats(join(folder, `${name}.trained.bin`)));
      expect(after, name).toBeLessThan(2e-5);
      report.push(`${name} ${difference.toExponential(1)}, trained ${after.toExponential(1)}`);
      back.dispose();
    }
    x.dispose();
    process.stderr.write(`Keras ${found.keras} on ${backend}, parts of the largest value: ${report.join('; ')}\n`);
  });
});
