import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epochOrder } from 'poseblocks/datasets';
import { readHdf5, readZip, writeHdf5, writeZip } from 'poseblocks/bytes';
import { useEngine } from 'poseblocks/engines';
import { walk } from 'poseblocks/graph';
import { takeWeights, type HandoverModel, type HandoverSettings } from 'poseblocks/handover';
import { takeOver, writeHandover } from 'poseblocks/handover/node';
import { COCO } from 'poseblocks/keypoints';
import type { HeatmapCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, type TrainingBatch } from 'poseblocks/training';
import { pythonJson, runPython, sayNoPython, trainingPython } from '../support/python';
import { HARNESS, largest } from './harness';
import { shortLpnModel } from './models';
import { people } from './photographs';
import { takenOver } from './taken-over';

const python = trainingPython()!;
if (python === undefined) sayNoPython();
const BATCH = 8;
const COUNT = 32;
/** Twelve epochs. */
const STEPS = 48;

interface Trained {
  /** Share of weights that are not zero, of each kernel with groups. */
  readonly density: Readonly<Record<string, number>>;
  readonly shapes: Readonly<Record<string, number[]>>;
  /** Largest difference of the outputs for two images, and largest output. */
  readonly apart: number;
  readonly scale: number;
  readonly epoch: { readonly loss: number; readonly metrics: { readonly PCK: number } };
}

// JAX compiles for a minute where the machine is busy.
describe.skipIf(python === undefined)('training handed over to Keras', { timeout: 900_000 }, () => {
  let photographs: Awaited<ReturnType<typeof people>>;
  let model: HandoverModel;
  let out: string;
  let settings: HandoverSettings;
  let trained: Promise<Trained>;

  beforeAll(async () => {
    await useEngine('wasm');
    photographs = await people(COUNT + 6);
    model = shortLpnModel();
    out = await mkdtemp(join(tmpdir(), 'poseblocks-handover-'));
    const { persons, images } = photographs;
    ({ settings } = await writeHandover(model, {
      out,
      training: { persons: persons.slice(0, COUNT), images },
      validation: { persons: persons.slice(COUNT), images },
      batchSize: BATCH,
      optimizer: { name: 'adam', rate: 1e-3 },
      schedule: { epochs: 1000, milestones: [500, 900] },
      shardSize: 12,
      workers: 1,
    }));
    // Beside the tests in numpy, which need it not.
    trained = pythonJson<Trained>(python, [HARNESS, out, 'first-step', `${STEPS}`, out]);
    trained.catch(() => undefined); // its error is that of the tests that wait for it
  }, 600_000);
  afterAll(async () => {
    await trained?.catch(() => undefined);
    model?.network.dispose();
    for (const folder of [out, photographs?.images]) if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('takes the same first step as fit: loss, moving variances', async () => {
    await trained;
    const loss = await firstLoss(run());

    const before = await variances(model);
    const losses: number[] = [];
    const optimizer = adam(1e-3);
    const copy = shortLpnModel();
    await fit(copy.network, {
      epochs: 1,
      batches: () => firstBatch(),
      loss: jointsMse,
      optimizer,
      callbacks: [{ onStep: ({ loss }) => void losses.push(loss) }],
    });
    optimizer.dispose();
    expect(Math.abs(loss - losses[0]!) / losses[0]!).toBeLessThan(1e-5);

    const taken = shortLpnModel();
    await takeWeights(taken.network, await readFile(join(out, 'first.keras')));
    const [ours, theirs] = [await variances(copy), await variances(taken)];
    let most = 0;
    for (const [name, values] of ours) {
      const update = largest(values, before.get(name)!);
      most = Math.max(most, largest(values, theirs.get(name)!) / update);
    }
    expect(ours.size).toBeGreaterThan(15);
    expect(most).toBeLessThan(1e-5);
    copy.network.dispose();
    taken.network.dispose();
  });

  /** One field of all training shards. */
  async function field(name: 'images' | 'keypoints' | 'visibility'): Promise<number[]> {
    const parts = settings.data.training.shards.map(async (shard) => {
      const bytes = await readFile(join(out, `${shard.name}.${name}.npy`));
      const body = bytes.subarray(10 + bytes.readUInt16LE(8));
      return name === 'keypoints'
        ? Array.from({ length: body.length / 8 }, (_, i) => body.readDoubleLE(8 * i))
        : [...body];
    });
    return (await Promise.all(parts)).flat();
  }

  /** The batch that train.py begins with, from the same files, as poseblocks would make it. */
  async function* firstBatch(): AsyncGenerator<TrainingBatch> {
    const [images, keypoints, visibility] = await Promise.all([
      field('images'),
      field('keypoints'),
      field('visibility'),
    ]);
    const rows = [...epochOrder(COUNT, 1, 0).subarray(0, BATCH)];
    const [length, K] = [3 * 64 * 64, 17];
    const { mean, std } = settings.normalization;
    const pixels = rows.flatMap((row) =>
      images.slice(row * length, (row + 1) * length).map((value, i) => (value / 255 - mean[i % 3]!) / std[i % 3]!),
    );
    const { target, weights } = (model.codec as HeatmapCodec).encodeBatch(
      rows.map((row) => ({
        frame: 'input',
        xy: Float32Array.from(keypoints.slice(2 * K * row, 2 * K * (row + 1))),
        score: Float32Array.from(visibility.slice(K * row, K * (row + 1))),
      })),
    );
    yield { images: tf.tensor4d(pixels, [BATCH, 64, 64, 3]), target, weights };
  }

  const run = (): string => join(out, 'run');

  async function firstLoss(folder: string): Promise<number> {
    const [line] = (await readFile(join(folder, 'log.jsonl'), 'utf8')).split('\n');
    return (JSON.parse(line!) as { loss: number }).loss;
  }

  it('keeps the zeros between groups, sees the images, and learns', async () => {
    const { density, apart, scale, epoch } = await trained;
    expect(Object.keys(density).length).toBe(settings.groups.length);
    Object.values(density).forEach((each, i) => expect(each).toBeCloseTo(1 / settings.groups[i]!.groups, 12));
    expect(apart).toBeGreaterThan(0.1 * scale);
    expect(epoch.loss).toBeLessThan(0.5 * (await firstLoss(run())));
  });

  it('comes back as the grouped network: the same outputs, and the same metrics by poseblocks eval', async () => {
    const { shapes, epoch } = await trained;
    const heldOut = photographs.persons.slice(COUNT);
    const { apart, ours, theirs, validated } = await takenOver(out, settings, shapes, heldOut, COCO);
    expect(apart.length).toBe(1);
    expect(apart[0]).toBeLessThan(1e-4);
    expect(ours).toEqual(theirs);
    expect(validated).toBeCloseTo(epoch.metrics.PCK, 9); // what train.py logged, with its flip test
    expect(epoch.metrics.PCK).toBeGreaterThan(0);
  });

  it('is on two processes what it is on one', async () => {
    await trained;
    const two = join(out, 'two');
    const options = ['--processes', '2', '--restarts', '0', '--steps', '1', '--log-every', '1', '--out', two];
    const done = await runPython(python, [join(out, 'launch/local.py'), ...options]);
    expect(done.errors + done.output).toContain('2 processes, 2 devices');
    expect(done.code).toBe(0);
    const [one, both] = [await firstLoss(run()), await firstLoss(two)];
    expect(Math.abs(both - one) / one).toBeLessThan(1e-5);
  });

  it('fits its epochs and the drops of its rate into the hours that it is given', async () => {
    await trained;
    const hours = join(out, 'hours');
    const options = ['--hours', '0.0001', '--save-epochs', '1000', '--out', hours];
    const done = await runPython(python, [join(out, 'train.py'), ...options]);
    expect(done.errors + done.output).toContain('3 epochs fit into 0.0001 hours.'); // what is begun is ended in good order
    expect(done.output).toContain('Done after 12 steps');
    const { provenance, network } = await takeOver(hours, { which: 'last', handover: out });
    expect(provenance['training']).toMatchObject({
      schedule: { epochs: 3, milestones: [2, 3], factor: 0.1 },
      epoch: 3,
    });
    network.dispose();
  });

  it('refuses a file whose kernels have grown between their groups, and a damaged shard', async () => {
    const taken = shortLpnModel();
    const bytes = await readFile(join(run(), 'last.keras'));
    const { groups } = settings;
    expect(groups.length).toBeGreaterThan(0);
    await expect(takeWeights(taken.network, await unmasked(bytes))).rejects.toThrow(
      /must be zero between its \d+ groups/,
    );
    const kept = await variances(taken);
    const untouched = await variances(model);
    for (const [name, values] of kept) expect(largest(values, untouched.get(name)!)).toBe(0);
    taken.network.dispose();

    const path = join(out, 'training/00001.images.npy');
    const shard = await readFile(path);
    shard[1000]! ^= 1;
    await writeFile(path, shard);
    const { code, errors } = await runPython(python, [
      join(out, 'train.py'),
      '--steps',
      '1',
      '--out',
      join(out, 'damaged'),
    ]);
    expect(code).not.toBe(0);
    expect(errors).toContain('training/00001.images.npy must have the checksum');
  });

  /** The same file with all of a grouped kernel's zeros at 1. */
  async function unmasked(keras: Uint8Array): Promise<Uint8Array> {
    const files = readZip(keras, 'test');
    const weights = readHdf5(files.get('model.weights.h5')!, 'test');
    const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as { config: { layers: { class_name: string; name: string }[] } }; // prettier-ignore
    const transposed = config.config.layers.filter(({ class_name }) => class_name === 'Conv2DTranspose');
    const place = transposed.findIndex(({ name }) => name === settings.groups[0]!.layer);
    const key = `layers/conv2d_transpose${place === 0 ? '' : `_${place}`}/vars/0`;
    const datasets = Object.fromEntries(weights);
    const kernel = datasets[key]!;
    datasets[key] = { ...kernel, data: kernel.data.map((value) => (value === 0 ? 1 : value)) };
    return writeZip({ ...Object.fromEntries(files), 'model.weights.h5': writeHdf5(datasets) });
  }

  async function variances({ network }: HandoverModel): Promise<Map<string, Float32Array>> {
    const weights = walk(network)
      .nodes.flatMap((node) => node.weights)
      .filter(({ name }) => name === 'moving_variance');
    const read = weights.map(async (weight) => [weight.path, (await weight.read().data()) as Float32Array] as const);
    return new Map(await Promise.all(read));
  }
});
