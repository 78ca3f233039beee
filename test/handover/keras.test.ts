import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { augmentSample, epochOrder, personCrop, personRegion, writeCoco } from 'poseblocks/datasets';
import { readHdf5, readZip, writeHdf5, writeZip } from 'poseblocks/bytes';
import { useEngine } from 'poseblocks/engines';
import { cropFromMatrix } from 'poseblocks/geometry';
import { walk } from 'poseblocks/graph';
import { main } from 'poseblocks/cli';
import { takeWeights, type HandoverModel, type HandoverSettings } from 'poseblocks/handover';
import { takeOver, writeHandover } from 'poseblocks/handover/node';
import { COCO } from 'poseblocks/keypoints';
import { toCocoResult } from 'poseblocks/metrics';
import { loadPoseModelFile } from 'poseblocks/models/node';
import { seededRandom } from 'poseblocks/random';
import { epochScale, gaussianCodec, simccCodec, type AnyCodec, type HeatmapCodec } from 'poseblocks/targets';
import { adam, fit, jointsMse, type TrainingBatch } from 'poseblocks/training';
import { pythonJson, runPython, sayNoPython, trainingPython } from '../support/python';
import { shortLpnModel } from './models';
import { people } from './photographs';

const python = trainingPython()!;
if (python === undefined) sayNoPython();
const HARNESS = join(import.meta.dirname, 'python/harness.py');
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
      schedule: { epochs: 100 },
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

  const binary = async (folder: string, name: string): Promise<Float32Array> => {
    const { buffer, byteOffset, length } = await readFile(join(folder, `${name}.bin`));
    return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
  };
  const double = async (folder: string, name: string): Promise<Float64Array> => {
    const { buffer, byteOffset, length } = await readFile(join(folder, `${name}.bin`));
    return new Float64Array(buffer.slice(byteOffset, byteOffset + length));
  };
  const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    expect(a.length).toBe(b.length);
    let most = 0;
    for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
    return most;
  };

  it('has the order, the augmentation and the targets of poseblocks, in numpy', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'poseblocks-numbers-'));
    const { persons } = photographs;
    const [inputSize, size, epoch, seed] = [[48, 64], [80, 100], 7, 11] as const;
    const augmentation = { flip: 0.5, scale: 0.3, rotation: 40, color: 0.2, cutout: 0.5 };
    const random = seededRandom(5);
    const points = persons.map(() => ({
      frame: 'input' as const,
      xy: Float32Array.from({ length: 34 }, (_, i) => random.uniform(-20, i % 2 === 0 ? 68 : 84)),
      score: Float32Array.from({ length: 17 }, () => random.integer(3)),
    }));
    const heatmapSize = [12, 16] as const;
    const codecs: Record<string, { codec: AnyCodec; epochScale: { start: number; minimum: number } | null }> = {
      rounded: { codec: gaussianCodec({ inputSize, heatmapSize }), epochScale: null },
      'odd sigma': { codec: gaussianCodec({ inputSize, heatmapSize, sigma: 1.7, truncate: 2.2 }), epochScale: null },
      exact: { codec: gaussianCodec({ inputSize, heatmapSize, center: 'exact' }), epochScale: null },
      truncated: { codec: gaussianCodec({ inputSize, heatmapSize, center: 'exact', truncate: 2 }), epochScale: null },
      udp: { codec: gaussianCodec({ inputSize, heatmapSize, align: 'centers' }), epochScale: null },
      'exact udp': { codec: gaussianCodec({ inputSize, heatmapSize, align: 'centers', center: 'exact' }), epochScale: null },
      'epoch-scaled': { codec: gaussianCodec({ inputSize, heatmapSize }), epochScale: { start: 100, minimum: 1 } },
      simcc: { codec: simccCodec({ inputSize, split: 2, sigma: [4.9, 5.66] }), epochScale: null },
      'normalized simcc': { codec: simccCodec({ inputSize, split: 3, normalize: true }), epochScale: null },
    }; // prettier-ignore
    // How a person is stored, as the shards' writer does it.
    const stored = persons.map((person) => {
      const [a, b, c, d, e, f] = personCrop(person, inputSize).matrix;
      return cropFromMatrix([a, b, c + 16, d, e, f + 18], size);
    });
    const moved = persons.map(({ keypoints: { xy } }, n) => {
      const [a, b, c, d, e, f] = stored[n]!.matrix;
      return COCO.names.map((_, k) => [
        a * xy[2 * k]! + b * xy[2 * k + 1]! + c,
        d * xy[2 * k]! + e * xy[2 * k + 1]! + f,
      ]);
    });
    const request = {
      settings: { ...settings, inputSize, seed, augmentation, crop: { size, align: 'edges' } },
      epoch,
      count: 1000,
      indices: persons.map((_, i) => i),
      keypoints: moved,
      visibility: persons.map(({ keypoints }) => [...keypoints.score]),
      points: {
        xy: points.map(({ xy }) => COCO.names.map((_, k) => [xy[2 * k], xy[2 * k + 1]])),
        score: points.map(({ score }) => [...score]),
      },
      codecs: Object.fromEntries(
        Object.entries(codecs).map(([name, { codec, epochScale }]) => [name, { json: codec.toJSON(), epochScale }]),
      ),
    };
    const { scattered } = await pythonJson<{ scattered: boolean[] }>(python, [HARNESS, out, 'numbers', folder], {
      input: JSON.stringify(request),
    });
    expect(scattered).toEqual([true, true, true, true, true]);
    expect([...(await double(folder, 'order'))]).toEqual([...epochOrder(1000, seed, epoch)]);

    const [forward, gains, holes, xy, seen] = await Promise.all(['forward', 'gains', 'holes', 'moved', 'seen'].map((name) => double(folder, name))); // prettier-ignore
    for (const [n, person] of persons.entries()) {
      const region = personRegion(person, inputSize);
      const sample = augmentSample(person, region, inputSize, { keypointSet: COCO, ...augmentation }, seededRandom(seed, epoch, n)); // prettier-ignore
      const [a, b, c, d, e, f] = forward!.subarray(6 * n, 6 * n + 6);
      const [p, q, r, s, t, u] = stored[n]!.matrix;
      const matrix = [a! * p + b! * s, a! * q + b! * t, a! * r + b! * u + c!, d! * p + e! * s, d! * q + e! * t, d! * r + e! * u + f!]; // prettier-ignore
      expect(largest(matrix, sample.crop.matrix)).toBeLessThan(1e-9);
      expect(largest(gains!.subarray(3 * n, 3 * n + 3), sample.gains!)).toBeLessThan(1e-15);
      expect([...holes!.subarray(4 * n, 4 * n + 4)]).toEqual([...(sample.hole ?? [0, 0, 0, 0])]);
      expect(largest(xy!.subarray(34 * n, 34 * n + 34), sample.keypoints.xy)).toBeLessThan(1e-4);
      expect([...seen!.subarray(17 * n, 17 * n + 17)]).toEqual([...sample.keypoints.score]);
    }
    for (const [name, { codec, epochScale: scale }] of Object.entries(codecs)) {
      const own = scale ? gaussianCodec({ inputSize, heatmapSize, factor: epochScale(scale)(epoch) }) : codec;
      const { target, weights } = own.encodeArrays(points);
      expect(largest(await binary(folder, `${name}.weights`), weights.values), name).toBe(0);
      for (const [i, { values }] of target.entries()) {
        expect(largest(await binary(folder, `${name}.${i}`), values), name).toBe(0);
      }
    }
    await rm(folder, { recursive: true });
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
    const file = join(out, 'taken.safetensors');
    expect((await command('takeover', out, '--which', 'last', '--out', file, '--engine', 'wasm'))[0]).toBe(0);
    const taken = await loadPoseModelFile(file);
    const images = tf.tensor4d(await binary(out, 'images'), shapes['images'] as [number, number, number, number]);
    const prediction = taken.network.predict(images) as tf.Tensor4D;
    const theirs = await binary(out, 'output.0');
    const { mean, variance } = tf.moments(prediction);
    const deviation = Math.sqrt((await variance.data())[0]!);
    const ours = (await prediction.data()) as Float32Array;
    expect(largest(ours, theirs)).toBeLessThan(1e-4 * deviation);
    expect(deviation).toBeGreaterThan(0);

    // Each person in an image of its own, so that no detection can meet another.
    const persons = photographs.persons.slice(COUNT);
    const annotations = join(out, 'annotations.json');
    await writeFile(annotations, JSON.stringify(writeCoco({ persons: persons.map((person, n) => ({ ...person, id: n + 1, imageId: n + 1, fileName: `${n}.png` })), keypointSet: COCO }))); // prettier-ignore
    const mirrored = taken.network.predict(tf.reverse(images, 2)) as tf.Tensor4D;
    const merged = taken.codec.mergeFlip(prediction, mirrored, COCO) as tf.Tensor4D;
    const reports = [];
    for (const values of [ours, theirs, (await merged.data()) as Float32Array]) {
      const poses = taken.codec.decodeArrays([{ values, shape: prediction.shape }]);
      const results = poses.map((pose, n) => toCocoResult(personCrop(persons[n]!, [64, 64]).toImage(pose), { imageId: n + 1 })); // prettier-ignore
      const path = join(out, 'results.json');
      await writeFile(path, JSON.stringify(results));
      const asked = ['eval', '--annotations', annotations, '--results', path, '--json', '--per-keypoint', '--quiet'];
      const pck = await command(...asked, '--metric', 'pck', '--of', 'all', '--threshold', '0.2');
      const coco = await command(...asked);
      expect([pck[0], coco[0]]).toEqual([0, 0]);
      reports.push([JSON.parse(pck[1]), JSON.parse(coco[1])] as [{ summary: { PCK: number } }, unknown]);
    }
    expect(reports[0]![0].summary).toEqual(reports[1]![0].summary);
    expect(JSON.stringify(reports[0]).length).toBeGreaterThan(1000);
    expect(reports[2]![0].summary.PCK).toBeCloseTo(epoch.metrics.PCK, 9); // what train.py logged, with its flip test
    expect(epoch.metrics.PCK).toBeGreaterThan(0);
    tf.dispose([images, prediction, mirrored, merged, mean, variance]);
    taken.network.dispose();
  });

  async function command(...args: string[]): Promise<[code: number, output: string]> {
    const lines: string[] = [];
    const code = await main(args, { print: (line) => lines.push(line), warn: () => undefined });
    return [code, lines.join('\n')];
  }

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
    const folder = join(out, 'hours');
    await writeHandover(model, {
      out: folder,
      training: { persons: photographs.persons.slice(0, BATCH), images: photographs.images },
      batchSize: BATCH,
      optimizer: { name: 'sgd', rate: 1e-3 },
      schedule: { epochs: 1000, milestones: [500, 900] },
      workers: 1,
    });
    const done = await runPython(python, [join(folder, 'train.py'), '--hours', '0.0001', '--save-epochs', '1000']);
    expect(done.errors + done.output).toContain('3 epochs fit into 0.0001 hours.'); // what is begun is ended in good order
    expect(done.output).toContain('Done after 3 steps');
    const { provenance, network } = await takeOver(folder, { which: 'last' });
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
