import * as tf from '@tensorflow/tfjs-core';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { syntheticPeople } from 'poseblocks/datasets';
import { useEngine } from 'poseblocks/engines';
import { createEstimator } from 'poseblocks/inference';
import { exportOnnx, parseSafetensors, readSafetensors, writeSafetensors } from 'poseblocks/interop';
import { COCO, keypointSet } from 'poseblocks/keypoints';
import { loadPoseModel, poseModel, PoseModelError, savePoseModel, type PoseModel } from 'poseblocks/models';
import { loadPoseModelFile, savePoseModelFile } from 'poseblocks/models/node';
import { gaussianCodec } from 'poseblocks/targets';
import { beforeAll, describe, expect, it } from 'vitest';
import { HEATMAPS, JOINTS, smallLpn } from '../support/joints';

beforeAll(async () => void (await useEngine('wasm')));

describe.each(JOINTS)('$name', ({ build, codec }) => {
  const { persons, readImage } = syntheticPeople({ seed: 4, count: 3 });
  const image = readImage(persons[0]!);
  const boxes = persons.filter(({ imageId }) => imageId === persons[0]!.imageId).map(({ box }) => box);
  const estimate = async (source: Parameters<typeof createEstimator>[0], flipTest: boolean) => {
    const estimator = await createEstimator(source, { flipTest });
    const people = await estimator.estimate(image, boxes);
    await estimator.dispose();
    return people;
  };
  const expectClose = (found: Awaited<ReturnType<typeof estimate>>, wanted: typeof found, within: number): void => {
    expect(found.length).toBe(wanted.length);
    found.forEach(({ xy, score }, n) => {
      xy.forEach((v, i) => expect(Math.abs(v - wanted[n]!.xy[i]!)).toBeLessThan(within));
      score.forEach((v, k) => expect(Math.abs(v - wanted[n]!.score[k]!)).toBeLessThan(2e-3 * Math.max(1, Math.abs(wanted[n]!.score[k]!)))); // prettier-ignore
    });
  };

  it('is the same after saving and loading, and in ONNX Runtime, with flip test and without', async () => {
    const network = build();
    const before = tf.memory().numTensors;
    const own = poseModel({ network, codec, keypointSet: COCO, padding: 1.1, provenance: { license: 'none' } });
    const again = await loadPoseModel(await savePoseModel(own));
    expect(again.crop).toEqual({ region: 'box', padding: 1.1 });
    expect(again.provenance).toEqual({ license: 'none' });
    expect(again.keypointSet).toEqual(COCO);
    expect(JSON.stringify(again.codec)).toBe(JSON.stringify(codec));
    const onnx = await exportOnnx(again);
    for (const flipTest of [false, true]) {
      const people = await estimate(own, flipTest);
      expect(people.flatMap(({ xy }) => [...xy]).every(Number.isFinite)).toBe(true);
      expect(await estimate(again, flipTest)).toEqual(people); // float32: to the last bit
      expectClose(await estimate({ onnx, runtime: 'node' }, flipTest), people, 0.05);
    }
    again.network.dispose();
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});

describe('a pose model', () => {
  let model: PoseModel;
  beforeAll(() => {
    model = poseModel({ network: smallLpn(), codec: gaussianCodec(HEATMAPS), keypointSet: COCO });
  });

  it('takes half the size as float16, and its tensors are PyTorch state', async () => {
    const [whole, half] = [await savePoseModel(model), await savePoseModel(model, { dtype: 'float16' })];
    const tensors = readSafetensors(half);
    expect(tensors['conv1.weight']!.shape).toEqual([64, 3, 7, 7]);
    const numbers = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
    expect(whole.length - half.length).toBeGreaterThan(1.9 * numbers);
    expect(numbers).toBe(model.network.countParams());
  });

  it('takes a quarter of the size as int8, and predicts alike', async () => {
    const [half, whole] = [
      await savePoseModel(model, { dtype: 'float16' }),
      await savePoseModel(model, { dtype: 'int8' }),
    ];
    const tensors = readSafetensors(whole);
    const numbers = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
    expect(numbers).toBe(model.network.countParams());
    expect(half.length - whole.length).toBeGreaterThan(0.8 * numbers);
    const again = await loadPoseModel(whole);
    const images = tf.randomNormal<tf.Rank.R4>([1, 64, 64, 3], 0, 1, 'float32', 1);
    const heatmaps = [model, again].map(({ network }) => network.predict(images) as tf.Tensor);
    const [wanted, found] = await Promise.all(heatmaps.map((each) => each.data()));
    const largest = Math.max(...wanted!.map(Math.abs));
    expect(Math.max(...wanted!.map((value, i) => Math.abs(value - found![i]!))) / largest).toBeLessThan(0.1);
    tf.dispose([images, heatmaps]);
    again.network.dispose();
  });

  it('is opened in another process, from a file, with nothing else given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pose-model-'));
    const path = join(folder, 'best.safetensors');
    await savePoseModelFile(path, model, { dtype: 'float16' });
    expect((await loadPoseModelFile(folder)).keypointSet.name).toBe(COCO.name);
    const fromUrl = await loadPoseModel(pathToFileURL(path));
    const images = tf.ones<tf.Rank.R4>([1, 64, 64, 3]);
    const sum = tf.tidy(() => tf.sum(tf.abs(fromUrl.network.predict(images) as tf.Tensor)));
    const [expected] = await sum.data();
    tf.dispose([images, sum]);
    expect(expected).toBeGreaterThan(0);
    const program = ['--import', 'tsx', 'test/models/open-in-process.ts', path];
    expect(Number(execFileSync(process.execPath, program, { encoding: 'utf8' }))).toBe(expected);
    fromUrl.network.dispose();
  });

  it('refuses what does not fit', () => {
    const { network, codec } = model;
    const arm = keypointSet({ name: 'arm', names: ['base', 'tip'] });
    expect(() => poseModel({ network, codec, keypointSet: arm })).toThrow(
      'poseModel: the network must have the 2 keypoints of arm. Received: 17.',
    );
    const wide = gaussianCodec({ inputSize: [96, 64], heatmapSize: [24, 16] });
    expect(() => poseModel({ network, codec: wide, keypointSet: COCO })).toThrow(
      "the network's one input must be [height 64, width 96, 3]",
    );
    const coarse = gaussianCodec({ inputSize: [64, 64], heatmapSize: [8, 8] });
    expect(() => poseModel({ network, codec: coarse, keypointSet: COCO })).toThrow('poseModel: heatmaps must be [8, 8');
    expect(() => poseModel({ network, codec } as never)).toThrow(
      'poseModel: keypointSet must be given, such as COCO of poseblocks/keypoints. Received: undefined.',
    );
    expect(() => poseModel({ network, codec, keypointSet: COCO, padding: -1 })).toThrow('padding: a number above 0');
  });

  it('of a newer version says so by number', async () => {
    const { tensors, metadata } = parseSafetensors(await savePoseModel(model));
    const newer = writeSafetensors(tensors, { metadata: { ...metadata, 'poseblocks.version': '2' } });
    await expect(loadPoseModel(newer)).rejects.toThrow(
      'loadPoseModel: the file must be of version 1 or older. Received: version 2. Update poseblocks to read it.',
    );
  });

  it('that is damaged, bare weights, or asks for more than its file has is an error that says what', async () => {
    const { tensors, metadata } = parseSafetensors(await savePoseModel(model));
    const refuse = async (file: Uint8Array, message: string | RegExp): Promise<void> => {
      const before = tf.memory().numTensors;
      const error = await loadPoseModel(file).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(error).toBeInstanceOf(PoseModelError);
      expect(error!.message).toMatch(message);
      expect(tf.memory().numTensors).toBe(before);
    };
    await refuse(writeSafetensors(tensors), 'the file must be a pose model');
    const { 'poseblocks.codec': _, ...without } = metadata;
    await refuse(writeSafetensors(tensors, { metadata: without }), 'the file must hold poseblocks.codec');
    const { 'conv1.weight': __, ...fewer } = tensors;
    await refuse(writeSafetensors(fewer, { metadata }), /1 missing \(conv1.weight\)|the numbers that the file holds/);
    const huge = metadata['poseblocks.topology']!.replace('"filters":64', '"filters":64000000');
    await refuse(writeSafetensors(tensors, { metadata: { ...metadata, 'poseblocks.topology': huge } }), 'the numbers that the file holds'); // prettier-ignore
    const alien = metadata['poseblocks.topology']!.replace('"class_name":"Conv2D"', '"class_name":"Alien"');
    await refuse(writeSafetensors(tensors, { metadata: { ...metadata, 'poseblocks.topology': alien } }), /Alien.*Register layer classes/s); // prettier-ignore
  });

  it('is asked for by what it is: a path, or nothing, is an error that says what to give', async () => {
    await expect(loadPoseModel('no/such.safetensors')).rejects.toThrow('loadPoseModelFile of poseblocks/models/node');
    await expect(loadPoseModel(undefined as never)).rejects.toThrow(
      'source must be bytes, a Blob, a Response, or a URL',
    );
    await expect(loadPoseModelFile('no/such.safetensors')).rejects.toThrow('no/such.safetensors (ENOENT)');
    await expect(createEstimator(undefined as never)).rejects.toThrow('source must be a pose model, a network');
    await expect(createEstimator(model.network)).rejects.toThrow('a network needs { codec }');
    await expect(createEstimator(model.network, { codec: model.codec, flipTest: true })).rejects.toThrow(
      'flipTest: true needs a pose model',
    );
  });
});
